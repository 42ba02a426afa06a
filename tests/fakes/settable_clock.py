# SPDX-License-Identifier: Apache-2.0
"""A clock that moves only when a test says so."""

from entrepot.kernel.clock import Milliseconds


class SettableClock:
    """Pass it as a `Clock`; call `advance` to let time go by, with a negative span to set the clock back."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now: float = now
        self.tick_ms = 0.0
        """How far it moves by being looked at: time goes by between two looks, wherever they are."""

    def __call__(self) -> Milliseconds:
        """Tell the moment that was set."""
        self.now += self.tick_ms
        return Milliseconds(int(self.now))

    def advance(self, span_ms: int) -> None:
        """Move the clock by that many milliseconds."""
        self.now += span_ms
