# SPDX-License-Identifier: Apache-2.0
"""One stream: what happens, told to one listener, for as long as its login is good."""

import asyncio
import time
from collections.abc import AsyncGenerator
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.events.models import RESET
from entrepot.features.events.models import WHOLE_REGISTRY
from entrepot.features.events.models import Audience
from entrepot.features.events.models import Filter
from entrepot.features.events.models import Start
from entrepot.features.events.models import Tidings
from entrepot.features.events.models import parse_place
from entrepot.features.events.models import place_text
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.infra.events.tail import Tail
from entrepot.infra.events.tail import TailRow
from entrepot.infra.http import server_sent
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Unavailable
from entrepot.registry.rights import Rights

TOLD_AT_ONCE = 100
"""How many events are looked at between two looks at the listener's rights, and leave together."""
REPLAYED_EVENTS = 10_000
"""How many events are looked through for a client that was away; one that missed more is told to load anew."""

Rows = Sequence[TailRow[Tidings]]


@dataclass(frozen=True, slots=True)
class Pace:
    """When something is done though nothing happens."""

    check_seconds: float = 2.0
    """For so long an answer about the login is believed."""
    heartbeat_seconds: float = 15.0
    retry_ms: int = 2_000
    """How long a client is asked to wait before it comes back."""


class Listener:
    """Whoever listens: it is asked again and again whether they still may."""

    def __init__(self, rights: Rights, principal: Principal, check_seconds: float) -> None:
        """Begin with a principal that was identified just now."""
        self._rights = rights
        self._principal = principal
        self._check_seconds = check_seconds
        self._checked_at = time.monotonic()

    async def is_logged_in(self) -> bool:
        """Tell whether the login is good, as far as is known for some seconds. Raises `Unavailable`."""
        if time.monotonic() - self._checked_at >= self._check_seconds:
            if not await self._rights.is_live(self._principal):
                return False
            self._checked_at = time.monotonic()
        return True

    async def hearing(self, places: set[str]) -> Audience:
        """Return who hears of what happens there; of the registry as a whole, everybody. Raises `Unavailable`."""
        whole = {WHOLE_REGISTRY} & places
        readable = whole | await self._rights.readable(self._principal, places - whole)
        return Audience(
            self._principal, await self._rights.may_system(self._principal, SystemAction.READ_AUDIT), readable
        )


class Subscription:
    """The source of one stream."""

    def __init__(
        self, tail: Tail[Tidings], listener: Listener, wanted: Filter, pace: Pace, release: Callable[[], None]
    ) -> None:
        """Tell a listener what is wanted, out of a tail that was joined; `release` is called by `close`."""
        self._tail = tail
        self._listener = listener
        self._wanted = wanted
        self._pace = pace
        self._release = release
        self._place = tail.end
        self._replay = 0
        self._is_missing = False

    async def go_to(self, start: Start) -> None:
        """Begin there; or say that something is missing, if what follows a place is not all there. At the end else."""
        if start.after:
            place = parse_place(start.after)
            self._is_missing = place is None or not await self._tail.is_kept(place)
            if place is not None and not self._is_missing:
                self._place, self._replay = place, REPLAYED_EVENTS
        elif start.last:
            self._place, self._replay = await self._tail.back(start.last), REPLAYED_EVENTS

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield messages until the login ends, and the first heartbeat once there is nothing more to tell for now."""
        yield server_sent.opening(last=place_text(self._place), retry_ms=self._pace.retry_ms)
        told_at, is_first = time.monotonic(), True
        while True:
            ring = self._tail.next_ring()
            try:
                if not await self._listener.is_logged_in():
                    return
                chunk, is_end = await self._next()
            except Unavailable:
                # Nothing is told to whoever may not be asked about now; it is when the database is back.
                chunk, is_end = b"", True
            is_silent = is_end and (is_first or time.monotonic() - told_at >= self._pace.heartbeat_seconds)
            if is_silent:
                chunk, is_first = server_sent.heartbeat(last=place_text(self._place)), False
            if chunk:
                yield chunk
                told_at = time.monotonic()
            if is_end:
                await wait_for_ring(ring, min(self._pace.check_seconds, self._pace.heartbeat_seconds))
            else:
                await asyncio.sleep(0)

    def close(self) -> None:
        """Leave the tail."""
        self._release()

    async def _next(self) -> tuple[bytes, bool]:
        """Return what there is to tell now, and whether that is all. Raises `Unavailable`."""
        rows = None if self._is_missing else await self._rows()
        if rows is None:
            self._place, self._is_missing = self._tail.end, False
            return server_sent.message("{}", event=RESET, last=place_text(self._place)), False
        if not rows:
            return b"", True
        told = await self._told(rows)
        self._place = rows[-1].cursor
        return told, False

    async def _rows(self) -> Rows | None:
        """Return the next rows, None if some are missing: too many to replay, or a reader too slow for the tail."""
        rows = self._tail.behind(self._place, TOLD_AT_ONCE)
        if rows is not None:
            self._replay = 0
            return rows
        if self._replay <= 0:
            return None
        rows = await self._tail.read_back(self._place, TOLD_AT_ONCE)
        self._replay -= len(rows)
        return rows or None

    async def _told(self, rows: Rows) -> bytes:
        known = [(row.cursor, row.event) for row in rows if row.event is not None]
        places = {place for _, event in known for place in event.places(self._wanted)}
        if not places:
            return b""
        audience = await self._listener.hearing(places)
        return b"".join(self._message(cursor, event, audience) for cursor, event in known)

    def _message(self, cursor: Cursor, tidings: Tidings, audience: Audience) -> bytes:
        """Make a message of each thing that is told; only the last has the place, so that nobody resumes between."""
        told = tidings.messages(self._wanted, audience)
        places = [""] * (len(told) - 1) + [place_text(cursor)]
        return b"".join(
            server_sent.message(each.data, event=each.name, last=place)
            for each, place in zip(told, places, strict=bool(told))
        )
