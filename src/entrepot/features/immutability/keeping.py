# SPDX-License-Identifier: Apache-2.0
"""Asking the rules whether something may happen to a tag: from memory, and the database only what a rule asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.immutability import store
from entrepot.features.immutability.evaluate import Layers
from entrepot.features.immutability.evaluate import ReadRule
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.evaluate import read_rules
from entrepot.features.immutability.evaluate import ruling
from entrepot.features.immutability.models import NOUN
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.telling import refusal
from entrepot.features.immutability.telling import refusal_to_go_back
from entrepot.features.immutability.versions import is_newer
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.rule_books import InForce
from entrepot.registry.store import artifacts
from entrepot.registry.store import repositories
from entrepot.registry.store.rule_books import REGISTRY
from entrepot.registry.store.rule_books import Book

MAX_VERSIONS = 10_000
"""How many tags of one image are looked at to tell which versions it has."""
MAX_TAGS = 1_000
"""How many tags are looked at of each index that holds an image."""
MAX_INDEXES = 100
"""How many indexes are looked at that hold an image."""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody is about to do to a tag: from one digest to another, None for no such tag."""

    repository: RepositoryName
    tag: TagName
    before: Digest | None
    after: Digest | None
    along: tuple[TagName, ...] = ()
    """The tags that are set at once, on the same image."""

    @property
    def deed(self) -> Deed | None:
        """What that is; None for nothing at all."""
        if self.before == self.after:
            return None
        if self.after is None:
            return Deed.DELETE
        return Deed.SET if self.before is None else Deed.MOVE

    @property
    def place(self) -> str:
        """The tag, as clients write it."""
        return f"{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule does not let it happen, and what is said to that; with an override it does happen."""

    rule: ReadRule
    reason: str
    override: Override | None


class Keeper:
    """Knows which tags are kept. Where there is no rule at all, it reads nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Blocks: for start-up. Raises `DatabaseUnavailable`."""
        self._database = database
        self._clock = clock
        self.in_force: InForce[ReadRule] = InForce(database, NOUN, _read)

    async def layers(self, repository: RepositoryName) -> Layers:
        """Return the rules that may be about a repository."""
        await self.in_force.current()
        return Layers(self.in_force.of(namespace_of(repository)), self.in_force.of(REGISTRY))

    async def refused(self, change: Change) -> Refused | None:
        """Return what is said against a change; None where it may happen, and for tags derived from a digest."""
        deed = change.deed
        if deed is None or not is_ordinary_tag(change.tag):
            return None
        found = (await self.layers(change.repository)).deciding(change.repository, change.tag, self._clock())
        if found is None:
            return None
        ruled = ruling(found.rule.effect, change.tag, deed)
        if ruled is Ruling.FREE:
            return None
        if ruled is Ruling.FORWARD_ONLY:
            before, now = await self._tags_of(change)
            if is_newer(change.tag, before, now):
                return None
            reason = refusal_to_go_back(found, change.place, before, now)
        else:
            reason = refusal(found, ruled, deed, change.place)
        return Refused(found, reason, await self.override(change.repository, change.tag))

    async def refused_below(self, repository: RepositoryName, digest: Digest) -> Refused | None:
        """Return what is said against deleting a manifest that an index under a kept tag holds."""
        if not (await self.layers(repository)).keeps_any(repository):
            return None
        for tag, index in await self._database.snapshot(_tags_above, repository, digest):
            refused = await self.refused(Change(repository, tag, index, None))
            if refused is not None and refused.override is None:
                return refused
        return None

    async def override(self, repository: RepositoryName, tag: TagName) -> Override | None:
        """Return the override of a tag that has not ended."""
        return await self._database.read(store.find, repository, tag, self._clock())

    async def _tags_of(self, change: Change) -> tuple[list[TagName], list[TagName]]:
        before, now = await self._database.snapshot(_tags_on, change.repository, change.before, change.after)
        return before, [*now, *change.along]


def _read(book: Book) -> Sequence[ReadRule]:
    return read_rules(book.project, store.decode(book.rules))


def _tags_on(
    connection: Connection, name: RepositoryName, before: Digest | None, after: Digest | None
) -> tuple[list[TagName], list[TagName]]:
    repository = repositories.find(connection, name)
    if repository is None:
        return [], []
    found = [
        artifacts.tags_of(connection, repository.id, digest, MAX_VERSIONS) if digest else []
        for digest in (before, after)
    ]
    return found[0], found[1]


def _tags_above(connection: Connection, name: RepositoryName, digest: Digest) -> list[tuple[TagName, Digest]]:
    """Return the tags on indexes that hold a manifest, at any depth, each with the index it points at."""
    repository = repositories.find(connection, name)
    if repository is None:
        return []
    found: list[tuple[TagName, Digest]] = []
    waiting, known = [digest], {digest}
    while waiting and len(known) <= MAX_INDEXES:
        for parent in artifacts.parents_of(connection, repository.id, waiting.pop(), MAX_INDEXES):
            if parent not in known:
                known.add(parent)
                waiting.append(parent)
                found += [(tag, parent) for tag in artifacts.tags_of(connection, repository.id, parent, MAX_TAGS)]
    return found
