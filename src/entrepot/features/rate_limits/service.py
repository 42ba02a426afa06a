# SPDX-License-Identifier: Apache-2.0
"""Counting requests and refusing those that are too many: the `RequestLimits` of a server process."""

from collections.abc import Iterator
from typing import Protocol

import structlog

from entrepot.features.rate_limits.counters import Counters
from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.models import Outcome
from entrepot.features.rate_limits.models import Rule
from entrepot.features.rate_limits.models import Whose
from entrepot.features.rate_limits.models import seconds
from entrepot.features.rate_limits.settings import ClassLimits
from entrepot.features.rate_limits.settings import RateLimitSettings
from entrepot.infra.http.forwarded import is_within
from entrepot.infra.http.serving.open_connections import client_network
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.recent import Recent
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_limits import RequestClass
from entrepot.kernel.request_limits import TooManyRequests

MILLISECOND_NS = 1_000_000
MAX_ADDRESSES = 10_000
MAX_TOLD = 1_000

REFUSED = Metric(
    "entrepot_rate_limited_requests",
    "Requests refused because they were too many, by class, and by whether an identity or an address was counted.",
    Kind.COUNTER,
    ("class", "counted"),
)

_ANONYMOUS = PrincipalKind.ANONYMOUS
_WORDS = {
    RequestClass.LOGIN: "attempts to log in",
    RequestClass.TOKEN: "tokens",
    RequestClass.READ: "reads",
    RequestClass.WRITE: "writes",
    RequestClass.REFERRERS: "questions for referrers",
}

log = structlog.get_logger(__name__)


class SharedStore(Protocol):
    """Where server processes count together."""

    async def spend(self, key: str, limit: Limit) -> Outcome | None:
        """Decide about one request, and count it if it is admitted; None when it cannot tell in time."""

    async def run(self) -> None:
        """Stay connected until cancelled."""

    def measure(self) -> Iterator[Measurement]:
        """Yield how it is."""


class Meter:
    """One rule at work: the part of its limit that this process admits, who asked how often, how many were refused."""

    __slots__ = ("counters", "half_ns", "part", "refused", "rule")

    def __init__(self, rule: Rule) -> None:
        """Admit the whole limit."""
        self.rule = rule
        self.counters = Counters()
        self.refused = 0
        self.divide(1)

    def divide(self, processes: int) -> None:
        """Admit a part of the limit."""
        self.part = self.rule.limit.share(processes)
        self.half_ns = self.part.window_ns // 2


class RateLimits:
    """Admits or refuses each request, by what it is and who sends it."""

    def __init__(self, settings: RateLimitSettings, clock: Clock, shared: SharedStore | None = None) -> None:
        """Count in `shared` where there is one; while it cannot tell, and without one, in this process."""
        self._clock = clock
        self._shared = shared
        self._processes = 1
        self._by_identity = {each.rule.asked: each for each in _meters(settings, Whose.IDENTITY)}
        self._by_address = {each.rule.asked: each for each in _meters(settings, Whose.ADDRESS)}
        self._exempt_networks = settings.exempt_networks
        self._exempt_principals = settings.exempt_principals
        self._networks: dict[str, str] = {}
        self._told: Recent[tuple[Meter, str], bool] = Recent(clock, MINUTE_MS, MAX_TOLD)

    async def admit(self, asked: RequestClass, principal: Principal | None, address: str) -> None:
        """Count a request, unless it was counted before (`RequestLimits`)."""
        facts = about_request()
        if facts.is_counted:
            return
        facts.is_counted = True
        if principal is None or principal.kind is _ANONYMOUS:
            meter, key = self._by_address.get(asked), self._network(address)
        else:
            meter, key = self._by_identity.get(asked), self._identity(principal, address)
        if meter is None or not key:
            return
        if self._shared is not None:
            facts.rate_limit = await self._count_together(self._shared, meter, key)
        else:
            facts.rate_limit = self._count_here(meter, key)

    async def admit_login(self, address: str) -> None:
        """Count an attempt to log in (`RequestLimits`)."""
        meter, key = self._by_address.get(RequestClass.LOGIN), self._network(address)
        if meter is None or not key:
            return
        if self._shared is not None:
            await self._count_together(self._shared, meter, key)
        else:
            self._count_here(meter, key)

    def divide(self, processes: int) -> None:
        """Admit, from now on, what is the part of one of so many processes."""
        if processes != self._processes:
            self._processes = processes
            for meter in self._meters():
                meter.divide(processes)

    async def run(self) -> None:
        """Stay connected to where it is counted together, if it is, until cancelled."""
        if self._shared is not None:
            await self._shared.run()

    def measure(self) -> Iterator[Measurement]:
        """Yield how many were refused."""
        for meter in self._meters():
            yield Measurement(REFUSED, [meter.refused], (meter.rule.asked.value, meter.rule.whose.value))
        if self._shared is not None:
            yield from self._shared.measure()

    def _meters(self) -> list[Meter]:
        return [*self._by_identity.values(), *self._by_address.values()]

    def _count_here(self, meter: Meter, key: str) -> bytes:
        """Count one request. Returns what its answer says of the limit: nothing while half of the burst is left."""
        outcome = meter.counters.spend(key, meter.part, self._clock() * MILLISECOND_NS)
        if 0 < outcome <= meter.half_ns:
            return b""
        return self._told_of(meter, meter.part, key, outcome)

    async def _count_together(self, shared: SharedStore, meter: Meter, key: str) -> bytes:
        """Do the same where all processes count; here while nobody answers there."""
        rule = meter.rule
        outcome = await shared.spend(f"{rule.asked}:{rule.whose}:{key}", rule.limit)
        if outcome is None:
            return self._count_here(meter, key)
        if 0 < outcome <= rule.limit.window_ns // 2:
            return b""
        return self._told_of(meter, rule.limit, key, outcome)

    def _told_of(self, meter: Meter, limit: Limit, key: str, outcome: Outcome) -> bytes:
        """Return the field for what comes near to its limit; for what is beyond it raise `TooManyRequests`."""
        if outcome < 0:
            raise self._refusal(meter, key, -outcome)
        left = (limit.window_ns - outcome) // limit.interval_ns
        return f'"{meter.rule.asked}";r={left};t={seconds(outcome)}'.encode()

    def _refusal(self, meter: Meter, key: str, wait_ns: int) -> TooManyRequests:
        rule = meter.rule
        meter.refused += 1
        if self._told.get((meter, key)) is None:
            self._told.put((meter, key), True)
            log.warning("rate_limits.refused", asked=rule.asked.value, counted=rule.whose.value, key=key)
        return refusal(rule, key, seconds(wait_ns))

    def _identity(self, principal: Principal, address: str) -> str:
        """Return the key of a principal, nothing for one that is not counted."""
        if self._exempt_networks and not self._network(address):
            return ""
        identity = principal.kind + ":" + principal.name
        return "" if identity in self._exempt_principals else identity

    def _network(self, address: str) -> str:
        """Return the key of an address, nothing for one that is not counted."""
        known = self._networks.get(address)
        if known is None:
            if len(self._networks) >= MAX_ADDRESSES:
                self._networks.clear()
            known = "" if is_within(address, self._exempt_networks) else client_network(address) or "nowhere"
            self._networks[address] = known
        return known


def refusal(rule: Rule, key: str, wait_seconds: int) -> TooManyRequests:
    """Say no: which limit, whose, and when to try again, in words and in the fields of RFC 9110 and the draft."""
    whose = key if rule.whose is Whose.IDENTITY else f"requests from {key} without a login"
    if rule.asked is RequestClass.LOGIN:
        whose = f"the address {key}"
    rate = f"{rule.limit.burst:,} at once and {1e9 / rule.limit.interval_ns:,.6g} a second"
    return TooManyRequests(
        f"too many {_WORDS[rule.asked]}: the limit of {whose} is {rate}",
        hint=f"Try again in {wait_seconds} s.",
        headers={
            "Retry-After": str(wait_seconds),
            "RateLimit-Policy": rule.policy,
            "RateLimit": f'"{rule.asked}";r=0;t={wait_seconds}',
        },
    )


def _meters(settings: RateLimitSettings, whose: Whose) -> Iterator[Meter]:
    if not settings.enabled:
        return
    for asked in RequestClass:
        limits = settings.of(asked)
        if whose is Whose.ADDRESS:
            limit = Limit.of(limits.address_per_second, limits.address_burst)
        elif isinstance(limits, ClassLimits):
            limit = Limit.of(limits.identity_per_second, limits.identity_burst)
        else:
            continue
        if limit is not None:
            yield Meter(Rule(asked, whose, limit))
