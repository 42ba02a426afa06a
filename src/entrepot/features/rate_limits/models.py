# SPDX-License-Identifier: Apache-2.0
"""The words of rate limits. Spans are whole nanoseconds, so that nothing is lost by rounding."""

from dataclasses import dataclass
from enum import StrEnum

from entrepot.kernel.request_limits import RequestClass

SECOND_NS = 1_000_000_000


class Whose(StrEnum):
    """Who is counted by one limit."""

    IDENTITY = "identity"
    """A principal that proved who it is, at whatever address."""
    ADDRESS = "address"
    """Everybody at one address who did not: an IPv4 address, or the first 64 bits of an IPv6 address."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A burst of requests at once, and one more for each `interval_ns` that goes by."""

    interval_ns: int
    window_ns: int
    """How long it takes until a burst that was used up is whole again."""

    @classmethod
    def of(cls, per_second: float, burst: int) -> "Limit | None":
        """Make the limit of so many requests a second, None for 0: no limit."""
        interval_ns = round(SECOND_NS / per_second) if per_second else 0
        return cls(interval_ns, interval_ns * burst) if interval_ns else None

    @property
    def burst(self) -> int:
        """How many requests are taken at once."""
        return self.window_ns // self.interval_ns

    def share(self, processes: int) -> "Limit":
        """Return what each of so many processes admits, so that all together admit no more than this.

        There is none that takes nothing: with more processes than the burst has requests, each takes one at once.
        """
        interval_ns = self.interval_ns * processes
        return Limit(interval_ns, interval_ns * max(1, self.burst // processes))


Outcome = int
"""What became of a request, in nanoseconds: above 0 it was admitted, and after so long the burst is whole again.

Below 0 it was refused, and would be admitted after so long.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit of the configuration, and for what and whom it is."""

    asked: RequestClass
    whose: Whose
    limit: Limit

    @property
    def policy(self) -> str:
        """The same in the words of the field RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers, section 3)."""
        return f'"{self.asked}";q={self.limit.burst};w={seconds(self.limit.window_ns)}'


def seconds(span_ns: int) -> int:
    """Return a span in whole seconds, rounded up: at least 1."""
    return max(1, -(-span_ns // SECOND_NS))
