# SPDX-License-Identifier: Apache-2.0
"""Giving out streams of what happens, no more than a process and its readers can bear."""

from collections import Counter

from entrepot.features.events.errors import StreamsExhausted
from entrepot.features.events.errors import TooManyStreams
from entrepot.features.events.models import Filter
from entrepot.features.events.models import Start
from entrepot.features.events.models import Tidings
from entrepot.features.events.subscription import Listener
from entrepot.features.events.subscription import Pace
from entrepot.features.events.subscription import Subscription
from entrepot.infra.events.tail import Tail
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.rights import Rights

STREAMS_PER_PRINCIPAL = 8
STREAMS = 1_000
"""How many streams one server process serves."""

_PACE = Pace()


class Events:
    """The use case of listening."""

    def __init__(self, tail: Tail[Tidings], rights: Rights, pace: Pace = _PACE, *, capacity: int = STREAMS) -> None:
        """Give out `capacity` streams at once."""
        self._tail = tail
        self._rights = rights
        self._pace = pace
        self._capacity = capacity
        self._streams: Counter[str] = Counter()

    async def subscribe(self, principal: Principal, wanted: Filter, start: Start) -> Subscription:
        """Return a stream of what is wanted, which must be closed.

        Raises `Unauthenticated` for nobody, `TooManyStreams`, `StreamsExhausted` and `DatabaseUnavailable`.
        """
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        holder = principal.identity
        self._require_room(holder)
        await self._tail.join()
        self._streams[holder] += 1
        listener = Listener(self._rights, principal, self._pace.check_seconds)
        subscription = Subscription(self._tail, listener, wanted, self._pace, lambda: self._leave(holder))
        try:
            await subscription.go_to(start)
        except BaseException:
            subscription.close()
            raise
        return subscription

    def _require_room(self, holder: str) -> None:
        if self._streams[holder] >= STREAMS_PER_PRINCIPAL:
            raise TooManyStreams(f"you have {STREAMS_PER_PRINCIPAL} streams of events open, as many as one may have")
        if self._streams.total() >= self._capacity:
            raise StreamsExhausted

    def _leave(self, holder: str) -> None:
        self._tail.leave()
        self._streams -= Counter([holder])
