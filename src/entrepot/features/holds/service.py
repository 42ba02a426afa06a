# SPDX-License-Identifier: Apache-2.0
"""The use cases of holds."""

from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.holds.models import Terms
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry import holding
from entrepot.registry.gates import one_line
from entrepot.registry.holding import HoldInvalid
from entrepot.registry.holding import HoldUnknown
from entrepot.registry.keeping import MAX_HOLD_REASON_CHARACTERS
from entrepot.registry.platform import Platform
from entrepot.registry.store import placed_holds as store
from entrepot.registry.store import repositories
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.placed_holds import PlacedHold
from entrepot.registry.store.repositories import Repository

MAX_LISTED = 1_000
BATCH = 500
MAX_LOOKED_AT = 5_000
"""How many holds a list looks at that shows only some: a page may hold fewer than were asked for."""


@dataclass(frozen=True, slots=True)
class HoldPage:
    """One page of holds, the newest first; the next one begins behind the id `last`, None for the last page."""

    holds: list[PlacedHold]
    last: str | None


class Holds:
    """Placing, listing, extending and releasing holds."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock

    async def place(self, principal: Principal, name: RepositoryName, terms: Terms) -> PlacedHold:
        """Place a hold: from the end of this on, nobody deletes what it is on.

        Takes the right to `hold` for a legal one, and that to delete for one of a user. Raises as `Rights.require`,
        `HoldInvalid`, `NameUnknown`, `ManifestUnknown` and `TooManyHolds`.
        """
        await self._rights.require(principal, _right(terms.kind), name)
        now = self._clock()
        said = _line(terms.reason)
        if terms.digest is not None and terms.tag is not None:
            raise HoldInvalid("a hold is on a tag or on a digest, not on both", hint="Leave one of them out.")
        placed = PlacedHold(
            new_ulid(), name, terms.digest, terms.tag, terms.kind, said, now, principal.identity, terms.expires_at
        )
        return await self._database.write_locked(holding.place, placed)

    async def extend(
        self, principal: Principal, name: RepositoryName, hold_id: str, until: Milliseconds | None
    ) -> PlacedHold:
        """Let a hold end later, or a legal one never. Takes the right to place it.

        Raises as `Rights.require`, `HoldUnknown`, `HoldEnded` and `HoldInvalid`.
        """
        hold = await self._known(principal, name, hold_id)
        await self._rights.require(principal, _right(hold.kind), name)
        return await self._database.write_locked(holding.extend, hold, until, self._clock())

    async def release(self, principal: Principal, name: RepositoryName, hold_id: str, reason: str) -> PlacedHold:
        """End a hold. Takes the right to place it, and a recent login.

        Raises as `Rights.require`, `ReauthenticationNeeded`, `HoldUnknown`, `HoldEnded` and `HoldInvalid`.
        """
        hold = await self._known(principal, name, hold_id)
        await self._rights.require(principal, _right(hold.kind), name)
        require_recent_login(principal)
        now = self._clock()
        released = replace(hold, released_at=now, released_by=principal.identity, release_reason=_line(reason))
        return await self._database.write_locked(holding.release, released, now)

    async def of_repository(self, principal: Principal, name: RepositoryName, before: str, limit: int) -> HoldPage:
        """Return the holds of a repository, those too that ended within 30 days. Raises as `Rights.require`."""
        await self._rights.require(principal, Action.READ, name)
        found = await self._database.snapshot(_of_repository, name, before, limit + 1)
        return HoldPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    async def page(self, principal: Principal, project: str, before: str, limit: int) -> HoldPage:
        """Return the holds of a project, or of the registry if that is empty, in repositories the principal may read.

        Those too that ended within 30 days.
        """
        found: list[PlacedHold] = []
        for _ in range(MAX_LOOKED_AT // BATCH):
            if project:
                batch = await self._database.read(store.page_of_namespace, project, before, BATCH)
            else:
                batch = await self._database.read(store.page, before, BATCH)
            readable = await self._rights.readable(principal, {each.repository for each in batch})
            found += [each for each in batch if each.repository in readable]
            if len(found) > limit:
                return HoldPage(found[:limit], found[limit - 1].id)
            if len(batch) < BATCH:
                return HoldPage(found, None)
            before = batch[-1].id
        return HoldPage(found, before)

    async def keeping(self, principal: Principal, name: RepositoryName, digest: Digest) -> list[PlacedHold]:
        """Return the holds that keep an artifact: on it, on what is above it, and on the repository.

        Raises as `Rights.require`, and `NameUnknown`.
        """
        await self._rights.require(principal, Action.READ, name)
        return await self._database.snapshot(_keeping, name, digest, self._clock())

    async def may(self, principal: Principal, name: RepositoryName) -> list[HoldKind]:
        """Return which kinds of holds the principal may place and release in a repository."""
        return [kind for kind in HoldKind if await self._rights.may(principal, _right(kind), name)]

    async def _known(self, principal: Principal, name: RepositoryName, hold_id: str) -> PlacedHold:
        await self._rights.require_any(principal, (Action.DELETE, Action.HOLD), name)
        return await self._database.snapshot(_find, name, hold_id)


def forget_holds(connection: Connection, project: str) -> None:
    """Forget the holds of a project that is deleted, none of which is in force: another of its name has none."""
    store.remove_within(connection, project)


def _right(kind: HoldKind) -> Action:
    return Action.HOLD if kind is HoldKind.LEGAL else Action.DELETE


def _line(reason: str) -> str:
    said = one_line(reason, MAX_HOLD_REASON_CHARACTERS)
    if not said:
        raise HoldInvalid("a hold is placed and released for a reason", hint="Say in one line what it is.")
    return said


def _find(connection: Connection, name: RepositoryName, hold_id: str) -> PlacedHold:
    found = store.find(connection, _visible(connection, name).id, hold_id)
    if found is None:
        raise HoldUnknown(f"there is no hold {hold_id} in {name}")
    return found


def _visible(connection: Connection, name: RepositoryName) -> Repository:
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    return repository


def _of_repository(connection: Connection, name: RepositoryName, before: str, limit: int) -> list[PlacedHold]:
    return store.page_of_repository(connection, _visible(connection, name).id, before, limit)


def _keeping(connection: Connection, name: RepositoryName, digest: Digest, now: Milliseconds) -> list[PlacedHold]:
    return store.keeping(connection, _visible(connection, name).id, digest, now, MAX_LISTED)
