# SPDX-License-Identifier: Apache-2.0
"""The words of copies."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Scope
from entrepot.kernel.access import principal_of
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.copy_orders import Entry
from entrepot.registry.copy_orders import Order
from entrepot.registry.core import Caller

MAX_TAGS = 100
"""How many tags one copy may be about."""
FOLLOWED_HOURS = 24
"""For how long what is said later of what was copied comes along, unless somebody says otherwise."""
MAX_FOLLOWED_HOURS = 24 * 90
MAX_MANIFESTS = 20_000
"""How many manifests may belong to what one copy brings."""
MAX_FOLLOWED_OF_ONE = 1_000
"""Copies of one person or robot that are followed."""
MAX_OPEN_OF_ONE = 100
"""How many copies of one account may wait or run at once."""


class CopyState(StrEnum):
    """How a copy stands. Values never change: they are stored."""

    RUNNING = "running"
    """It waits for its turn, or goes on."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants copied: a digest, a tag, or all tags that a pattern matches, under the same names."""

    source: RepositoryName
    target: RepositoryName
    digest: Digest | None = None
    tag: TagName | None = None
    tag_pattern: str = ""
    tags: tuple[TagName, ...] = ()
    """What is to point at it in the target; none for the tag itself."""
    with_referrers: bool = True
    follow_hours: int = FOLLOWED_HOURS
    """For how long what is said later comes along; 0 for not at all."""


class Item(msgspec.Struct, frozen=True):
    """One artifact of a copy. Its digest was found when the copy was asked for, wherever the tag is moved later."""

    digest: str
    tags: tuple[str, ...] = ()
    tag: str | None = None


class Asker(msgspec.Struct, frozen=True):
    """Who asked, so that their rights can be looked at again when something is done for them."""

    identity: str
    credential: str = ""
    scopes: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    address: str = ""

    @property
    def caller(self) -> Caller:
        """The caller in whose name it is done. What is read for it is no pull."""
        principal = principal_of(self.identity, self.credential)
        scopes = None
        if self.scopes is not None:
            scopes = tuple(Scope(name, frozenset(map(Action, actions))) for name, actions in self.scopes)
        named = Principal(principal.kind, principal.name, scopes, credential=self.credential)
        return Caller(named, self.address, is_looking=True)


def asker_of(caller: Caller) -> Asker:
    """Return what is kept of who asks."""
    principal = caller.principal
    scopes = None
    if principal.scopes is not None:
        scopes = tuple((each.repository, tuple(sorted(each.actions))) for each in principal.scopes)
    return Asker(principal.identity, principal.credential, scopes, caller.address)


class Brought(msgspec.Struct, frozen=True):
    """What a copy has brought so far, and what was said about it."""

    manifests: int = 0
    late: int = 0
    """How many of them came after it was done."""
    new_bytes: int = 0
    kept: tuple[str, ...] = ()
    """Derived tags that the target kept, since it says something there that the source never did."""
    warnings: tuple[str, ...] = ()
    settled: int = 0
    """Of how many artifacts the tags were set: they are not set again, wherever somebody has moved them since."""


@dataclass(frozen=True, slots=True)
class Copy:
    """That somebody wanted artifacts of one repository in another, and what came of it."""

    id: Ulid
    source: RepositoryName
    target: RepositoryName
    items: tuple[Item, ...]
    with_referrers: bool
    follow_hours: int
    asker: Asker
    requested_at: Milliseconds
    state: CopyState = CopyState.RUNNING
    brought: Brought = Brought()  # noqa: RUF009 - it is frozen
    reason: str = ""
    """Why it failed, or why nothing follows any more."""
    ended_at: Milliseconds | None = None
    follow_until: Milliseconds | None = None
    heard: int = 0
    """How often something was said that is to come along; `followed` is up to where it did."""
    followed: int = 0

    def order(self, item: Item, known: frozenset[Entry] | None = None) -> Order:
        """Return what the registry is to do about one artifact."""
        return Order(
            source=self.source,
            digest=Digest(item.digest),
            target=self.target,
            tags=tuple(map(TagName, item.tags)),
            tag=None if item.tag is None else TagName(item.tag),
            with_referrers=self.with_referrers,
            known=known,
        )

    def is_followed(self, now: Milliseconds) -> bool:
        """Tell whether what is said now of what was copied comes along."""
        is_on = self.state is CopyState.DONE and self.follow_until is not None and self.follow_until > now
        return self.with_referrers and self.follow_hours > 0 and (is_on or self.state is CopyState.RUNNING)
