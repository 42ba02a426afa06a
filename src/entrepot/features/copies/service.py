# SPDX-License-Identifier: Apache-2.0
"""The use cases of copies: asking for one, seeing what it would bring, watching it, and stopping it."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.access import parse_tag_pattern
from entrepot.features.copies import store
from entrepot.features.copies.errors import CopyEnded
from entrepot.features.copies.errors import CopyInvalid
from entrepot.features.copies.errors import CopyUnknown
from entrepot.features.copies.errors import NoTagMatches
from entrepot.features.copies.errors import TooManyCopies
from entrepot.features.copies.models import MAX_FOLLOWED_OF_ONE
from entrepot.features.copies.models import MAX_MANIFESTS
from entrepot.features.copies.models import MAX_OPEN_OF_ONE
from entrepot.features.copies.models import MAX_TAGS
from entrepot.features.copies.models import Copy
from entrepot.features.copies.models import CopyState
from entrepot.features.copies.models import Item
from entrepot.features.copies.models import Wish
from entrepot.features.copies.models import asker_of
from entrepot.features.copies.queueing import cancel_running
from entrepot.features.copies.queueing import enqueue_running
from entrepot.features.copies.telling import tell
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.copy_orders import Plan
from entrepot.registry.core import Caller
from entrepot.registry.platform import Platform

BATCH = 500
MAX_LOOKED_AT = 5_000
"""How many copies a list looks at that shows only some: a page may hold fewer than were asked for."""
TAGS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CopyPage:
    """One page of copies, the newest first; the next one begins behind the id `last`, None for the last page."""

    copies: list[Copy]
    last: str | None


class Copies:
    """Every copy. Who asks for one takes the rights that it takes to pull from the source and push to the target."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._copying = platform.copying
        self._repositories = platform.repositories
        self._clock = platform.clock
        self._doorbell = platform.doorbell

    async def preview(self, caller: Caller, wish: Wish) -> list[Plan]:
        """Tell what a copy would bring; everybody who may refuse it is asked, and nothing is written.

        Raises as `request`, but for `TooManyCopies`.
        """
        return await self._plans(caller, await self._wanted(caller, wish))

    async def request(self, caller: Caller, wish: Wish) -> Copy:
        """Have something copied. What would be refused is refused at once, before anything is written.

        Raises as `Copying.plan`, `CopyInvalid`, `NoTagMatches`, `TooManyCopies` and `Unauthenticated`.
        """
        copy = await self.prepare(caller, wish)
        await self._database.write(begin, copy)
        self._doorbell.ring()
        return copy

    async def prepare(self, caller: Caller, wish: Wish) -> Copy:
        """Return the copy that `begin` begins, once everybody was asked. Raises as `request`."""
        await self._database.read(_require_few, caller.principal.identity, self._clock())
        copy = await self._wanted(caller, wish)
        await self._plans(caller, copy)
        return copy

    async def show(self, principal: Principal, copy_id: str) -> Copy:
        """Return a copy to who asked for it, or may read both ends. Raises `CopyUnknown` and `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        found = await self._database.read(store.find, copy_id)
        if found is None or not await self._seen(principal, [found]):
            raise CopyUnknown(f"there is no copy {copy_id[:64]}, or you may not see it")
        return found

    async def page(self, principal: Principal, before: str, limit: int) -> CopyPage:
        """Return copies of which the principal may read both ends, and its own. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return await self._page(principal, None, before, limit)

    async def of_repository(self, principal: Principal, name: RepositoryName, before: str, limit: int) -> CopyPage:
        """Return the copies from and into a repository of which the principal may see both ends.

        Raises as `Rights.require`.
        """
        await self._rights.require(principal, Action.READ, name)
        return await self._page(principal, name, before, limit)

    async def cancel(self, principal: Principal, copy_id: str) -> Copy:
        """Stop a copy, or that what is said later comes along. What has been copied stays; its tags are not set.

        Who asked for it may, and whoever may push to the target. Raises as `show`, `Rights.require` and `CopyEnded`.
        """
        copy = await self.show(principal, copy_id)
        if copy.asker.identity != principal.identity:
            await self._rights.require(principal, Action.PUSH, copy.target)
        return await self._database.write(_cancel, copy.id, principal, self._clock())

    async def _plans(self, caller: Caller, copy: Copy) -> list[Plan]:
        plans: list[Plan] = []
        manifests = 0
        for item in copy.items:
            plans.append(await self._copying.plan(caller, copy.order(item)))
            manifests += len(plans[-1].closure.nodes)
            if manifests > MAX_MANIFESTS:
                raise CopyInvalid(
                    f"more than {MAX_MANIFESTS} manifests belong to what is to be copied",
                    hint="Copy fewer tags at once.",
                )
        return plans

    async def _page(self, principal: Principal, name: RepositoryName | None, before: str, limit: int) -> CopyPage:
        found: list[Copy] = []
        before = before or store.NEWEST
        for _ in range(MAX_LOOKED_AT // BATCH):
            if name is None:
                batch = await self._database.read(store.page, before, BATCH)
            else:
                batch = await self._database.read(store.page_of_repository, name, before, BATCH)
            found += await self._seen(principal, batch)
            if len(found) > limit:
                return CopyPage(found[:limit], found[limit - 1].id)
            if len(batch) < BATCH:
                return CopyPage(found, None)
            before = batch[-1].id
        return CopyPage(found, before)

    async def _seen(self, principal: Principal, copies: Sequence[Copy]) -> list[Copy]:
        names = {name for copy in copies for name in (copy.source, copy.target)}
        readable = await self._rights.readable(principal, names)
        return [
            copy
            for copy in copies
            if copy.asker.identity == principal.identity or {copy.source, copy.target} <= readable
        ]

    async def _wanted(self, caller: Caller, wish: Wish) -> Copy:
        if caller.principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        await self._copying.require(caller, wish.source, wish.target, wish.tags)
        items = await self._items(caller, wish)
        return Copy(
            id=new_ulid(),
            source=wish.source,
            target=wish.target,
            items=items,
            with_referrers=wish.with_referrers,
            follow_hours=wish.follow_hours if wish.with_referrers else 0,
            asker=asker_of(caller),
            requested_at=self._clock(),
        )

    async def _items(self, caller: Caller, wish: Wish) -> tuple[Item, ...]:
        """Find out what the tags are now: whoever moves one meanwhile does not change what is copied."""
        if sum(map(bool, (wish.digest, wish.tag, wish.tag_pattern))) != 1:
            raise CopyInvalid(
                "a copy is of a digest, of a tag, or of all tags that a pattern matches", hint="Give one of them."
            )
        if wish.tag_pattern:
            if wish.tags:
                raise CopyInvalid("tags that a pattern matches keep their names", hint="Leave the tags out.")
            named = await self._matching(caller, wish)
            return tuple([await self._item(caller, wish.source, tag, (tag,)) for tag in named])
        if wish.tag is not None:
            return (await self._item(caller, wish.source, wish.tag, wish.tags or (wish.tag,)),)
        digest = await self._copying.resolve(caller, wish.source, wish.digest) if wish.digest else ""
        return (Item(digest, wish.tags),)

    async def _item(self, caller: Caller, source: RepositoryName, tag: TagName, tags: Iterable[TagName]) -> Item:
        return Item(await self._copying.resolve(caller, source, tag), tuple(tags), tag)

    async def _matching(self, caller: Caller, wish: Wish) -> list[TagName]:
        await self._rights.require(caller.principal, Action.PULL, wish.source)
        pattern = parse_tag_pattern(wish.tag_pattern)
        found: list[TagName] = []
        after, is_more = "", True
        while is_more:
            some = await self._repositories.tags(wish.source, after, TAGS_AT_ONCE)
            found += [tag for tag in some.names if is_ordinary_tag(tag) and pattern.fullmatch(tag)]
            if len(found) > MAX_TAGS:
                raise CopyInvalid(
                    f"more than {MAX_TAGS} tags match {wish.tag_pattern}", hint="Copy fewer of them at once."
                )
            after, is_more = (some.names[-1], some.is_more) if some.names else ("", False)
        if not found:
            raise NoTagMatches(f"no tag of {wish.source} matches {wish.tag_pattern}")
        return found


def begin(connection: Connection, copy: Copy) -> None:
    """Keep a copy, and have a job do it. Raises `TooManyCopies`."""
    _require_few(connection, copy.asker.identity, copy.requested_at)
    store.add(connection, copy)
    enqueue_running(connection, copy.id, copy.requested_at)
    tell(connection, Change.COPY_STARTED, copy, copy.requested_at)


def _require_few(connection: Connection, identity: str, now: Milliseconds) -> None:
    if store.count_open(connection, identity) >= MAX_OPEN_OF_ONE:
        raise TooManyCopies(f"{MAX_OPEN_OF_ONE} copies of {identity} wait or run")
    if store.count_followed(connection, identity, now) >= MAX_FOLLOWED_OF_ONE:
        raise TooManyCopies(
            f"{MAX_FOLLOWED_OF_ONE} copies of {identity} are followed",
            hint="Cancel some of them, or have those that you ask for followed for fewer hours.",
        )


def _cancel(connection: Connection, copy_id: Ulid, principal: Principal, now: Milliseconds) -> Copy:
    copy = store.find(connection, copy_id, to_change=True)
    if copy is None:
        raise CopyUnknown
    if copy.state is CopyState.RUNNING:
        cancelled = replace(copy, state=CopyState.CANCELLED, ended_at=now, follow_until=None)
        cancel_running(connection, copy_id, now)
    elif copy.is_followed(now):
        cancelled = replace(copy, follow_until=now, reason=f"{principal.name} ended it")
    else:
        raise CopyEnded(f"the copy {copy_id} is {copy.state}, and nothing follows it")
    store.change(connection, cancelled)
    tell(connection, Change.COPY_CANCELLED, cancelled, now, principal=principal)
    return cancelled
