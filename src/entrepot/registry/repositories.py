# SPDX-License-Identifier: Apache-2.0
"""Listing repositories and tags."""

import re
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.kernel.access import Principal
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import behind
from entrepot.kernel.spans import overlap
from entrepot.kernel.spans import subtree
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Core
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.repositories import MAX_SPANS

_BATCH = 1_000
_PART_OF_NAME = re.compile(r"[a-z0-9._/-]*")

N = TypeVar("N", bound=str)


@dataclass(frozen=True, slots=True)
class Names(Generic[N]):
    """One page of names in bytewise order; `is_more` says whether another follows."""

    names: list[N]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which names a list is about: those of one project, those that contain a text, or all."""

    project: str = ""
    text: str = ""

    @property
    def spans(self) -> list[Span]:
        """Where in the order of names they lie: nowhere when no name can be such."""
        if not _PART_OF_NAME.fullmatch(f"{self.project}{self.text.lower()}"):
            return []
        return subtree(self.project) if self.project else [EVERY_NAME]

    @property
    def start(self) -> str:
        """A text that is no name, right before the first of them."""
        if not (self.project and self.spans):
            return ""
        return f"{self.project[:-1]}{chr(ord(self.project[-1]) - 1)}{{"

    def covers(self, name: str) -> bool:
        """Tell whether the list is about this name."""
        is_inside = not self.project or name == self.project or name.startswith(f"{self.project}/")
        return is_inside and self.text.lower() in name


EVERYTHING = Narrowing()


class Repositories:
    """The listing use cases."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def catalog(
        self, principal: Principal, after: str, limit: int, about: Narrowing = EVERYTHING
    ) -> Names[RepositoryName]:
        """Return the repositories behind `after` that the principal has the right to read, at most `limit`."""
        found: list[RepositoryName] = []
        after = max(after, about.start)
        wanted = behind(about.spans, after)
        while wanted and len(found) <= limit:
            reach = await self._core.authorizer.reach(principal, after)
            spans = overlap(reach.spans, wanted)
            found += await self._within(spans, principal, limit + 1 - len(found), about.text)
            if reach.last is None:
                break
            after = reach.last
            wanted = behind(wanted, after)
        return Names(found[:limit], len(found) > limit)

    async def among(self, principal: Principal, names: Collection[str]) -> list[RepositoryName]:
        """Return those of `names` that are repositories the principal has the right to read, in bytewise order."""
        visible = await self._core.database.read(repositories.visible_among, names)
        return await self._readable(principal, sorted(visible))

    async def is_there(self, repository: RepositoryName) -> bool:
        """Tell whether there is a visible repository of this name."""
        return bool(await self._core.database.read(repositories.visible_among, [repository]))

    async def tags(self, repository: RepositoryName, after: str, limit: int) -> Names[TagName]:
        """Return the tags behind `after`, at most `limit` (end-8). Raises `NameUnknown`."""
        names = await self._core.database.snapshot(_tag_names, repository, after, limit + 1)
        return Names(names[:limit], len(names) > limit)

    async def _within(self, spans: Sequence[Span], principal: Principal, limit: int, text: str) -> list[RepositoryName]:
        """Return the first readable repositories in `spans`: `limit` of them if there are, perhaps a few more."""
        found: list[RepositoryName] = []
        for start in range(0, len(spans), MAX_SPANS):
            left, size = list(spans[start : start + MAX_SPANS]), limit
            while left and len(found) < limit:
                names = await self._core.database.read(repositories.names_within, left, size, text)
                found += await self._readable(principal, names)
                left = behind(left, names[-1]) if len(names) == size else []
                size = max(size, _BATCH)
        return found

    async def _readable(self, principal: Principal, names: list[RepositoryName]) -> list[RepositoryName]:
        readable = await self._core.authorizer.readable(principal, names)
        return [name for name in names if name in readable]


def _tag_names(connection: Connection, name: RepositoryName, after: str, limit: int) -> list[TagName]:
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    return tags.names_after(connection, repository.id, after, limit)
