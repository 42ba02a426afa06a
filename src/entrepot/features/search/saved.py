# SPDX-License-Identifier: Apache-2.0
"""Queries that somebody keeps, and may share with those who may read a project."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.search.errors import SavedQueryInvalid
from entrepot.features.search.errors import SavedQueryUnknown
from entrepot.features.search.errors import TooManySavedQueries
from entrepot.features.search.language import format_artifact_query
from entrepot.features.search.language import parse_artifact_query
from entrepot.features.search.models import SavedQuery
from entrepot.features.search.store import saved as store
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform

MAX_SAVED = 50
"""Of one person or robot."""

MAX_SHARED_SHOWN = 500
"""Of what others share."""
PROJECTS_AT_ONCE = 500

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w.-])?")


@dataclass(frozen=True, slots=True)
class SeenQueries:
    """What somebody sees: their own, and what others share with them."""

    own: Sequence[SavedQuery]
    shared: Sequence[SavedQuery]


class SavedQueries:
    """The use cases of saved queries."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock

    async def seen(self, principal: Principal) -> SeenQueries:
        """Return one's own queries, and those that are shared with who may read a project. Raises `Unauthenticated`."""
        owner = _owner(principal)
        own = await self._database.read(store.of_owner, owner)
        shared: list[SavedQuery] = []
        behind = ""
        while len(shared) < MAX_SHARED_SHOWN:
            projects = await self._database.read(store.sharing, owner, behind, PROJECTS_AT_ONCE)
            readable = await self._rights.readable(principal, projects)
            left = MAX_SHARED_SHOWN - len(shared)
            shared += await self._database.read(store.shared_by_others, owner, sorted(readable), left)
            if len(projects) < PROJECTS_AT_ONCE:
                break
            behind = projects[-1]
        return SeenQueries(own, shared)

    async def save(self, principal: Principal, name: str, query: str, project: str | None) -> SavedQuery:
        """Keep a query, in place of one's own of that name; sharing it takes the right to push to all of the project.

        Raises `Unauthenticated`, `InsufficientScope`, `QueryInvalid`, `SavedQueryInvalid`, `TooManySavedQueries`, and
        as `Rights.require`.
        """
        owner = _owner(principal)
        if principal.scopes is not None:
            raise InsufficientScope
        if not _NAME.fullmatch(name):
            raise SavedQueryInvalid(f"{name[:64]!r} cannot be the name of a query")
        text = format_artifact_query(parse_artifact_query(query))
        if project is not None:
            await self._rights.require(principal, Action.PUSH, _project(project))
        saved = SavedQuery(owner, name, text, project, self._clock())
        await self._database.write(_save, saved)
        return saved

    async def forget(self, principal: Principal, name: str) -> None:
        """Delete one of one's own. Raises `Unauthenticated`, `InsufficientScope` and `SavedQueryUnknown`."""
        owner = _owner(principal)
        if principal.scopes is not None:
            raise InsufficientScope
        if not await self._database.write(_forget, owner, name, self._clock()):
            raise SavedQueryUnknown(f"you have no saved query {name[:64]!r}")


def _owner(principal: Principal) -> str:
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated
    return principal.identity


def _project(name: str) -> RepositoryName:
    if "/" in name:
        raise SavedQueryInvalid(f"{name[:64]!r} is no project", hint="Name the first part of its repositories' names.")
    return parse_repository_name(name)


def _save(connection: Connection, saved: SavedQuery) -> None:
    known = {each.name: each for each in store.of_owner(connection, saved.owner)}
    if saved.name not in known and len(known) >= MAX_SAVED:
        raise TooManySavedQueries(f"you have {MAX_SAVED} saved queries, which is the most")
    store.put(connection, saved)
    announce(connection, Change.SEARCH_SAVED, saved.changed_at, _told(known.get(saved.name), saved))


def _forget(connection: Connection, owner: str, name: str, now: Milliseconds) -> bool:
    before = next((each for each in store.of_owner(connection, owner) if each.name == name), None)
    if before is None:
        return False
    announce(connection, Change.SEARCH_FORGOTTEN, now, _told(before, None))
    return store.remove(connection, owner, name)


def _told(before: SavedQuery | None, after: SavedQuery | None) -> Told:
    """Say what changed; administrators of a project read of what is, or was, shared with it."""
    of = after or before
    assert of is not None, "there is one of them"  # noqa: S101 - a mistake of ours
    shared = {each.project for each in (before, after) if each is not None and each.project}
    return Told(
        object=f"search:{of.name}",
        project=(of.project or "") if len(shared) > 1 else next(iter(shared), ""),
        before=_facts(before),
        after=_facts(after),
    )


def _facts(saved: SavedQuery | None) -> dict[str, str | None] | None:
    return None if saved is None else {"query": saved.query, "project": saved.project}
