# SPDX-License-Identifier: Apache-2.0
"""A clock that moves only when a test says so."""

from entrepot.kernel.clock import Milliseconds


class SettableClock:
    """Pass it as a `Clock`; call `advance` to let time go by, `set_by` to set the clock."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now: float = now
        self.gone_by_ms = 0.0
        self.tick_ms = 0.0
        """How far it moves by being looked at: time goes by between two looks, wherever they are."""

    def __call__(self) -> Milliseconds:
        """Tell the moment that was set."""
        self.now += self.tick_ms
        return Milliseconds(int(self.now))

    def advance(self, span_ms: int) -> None:
        """Let that many milliseconds go by; a negative span sets the clock back."""
        self.now += span_ms
        self.gone_by_ms += max(span_ms, 0)

    def set_by(self, span_ms: int) -> None:
        """Set the clock by that many milliseconds, in no time."""
        self.now += span_ms

    def monotonic(self) -> float:
        """Tell how many seconds have gone by."""
        return self.gone_by_ms / 1_000
