# SPDX-License-Identifier: Apache-2.0
"""The words of copying: what is to be copied where, what that would bring, and what it brought."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.kernel.errors import Conflict
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.closure import Closure
from entrepot.registry.store.closures import Node


class CopyAcrossStores(Conflict):
    """The two repositories keep their bytes in different stores."""

    code = "copy_across_stores"
    default_hint = "Nothing is mounted from one store into another: pull it, and push it to where it is to be."


class CopyIncomplete(Conflict):
    """What is to be copied is not complete where it is."""

    code = "copy_incomplete"
    default_hint = "Push it there again, which heals it; then copy it."


class SubjectGone(Conflict):
    """What was copied is not there any more, so nothing goes along with it."""

    code = "copy_subject_gone"


@dataclass(frozen=True, slots=True)
class Entry:
    """A manifest that goes along, or with `tag` one of the tags derived from a digest."""

    digest: Digest
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One artifact that is to be in another repository, with all that belongs to it."""

    source: RepositoryName
    digest: Digest
    target: RepositoryName
    tags: tuple[TagName, ...] = ()
    """What is to point at it there."""
    tag: TagName | None = None
    """By which tag it was named in the source."""
    with_referrers: bool = True
    known: frozenset[Entry] | None = None
    """Of one that is followed: what went along before, and is not brought again, whatever became of it there.

    Then the artifact itself and its tags are not touched."""


@dataclass(frozen=True, slots=True)
class Step:
    """A manifest that is missing in the target, or the tags that it lacks there."""

    node: Node
    tags: tuple[TagName, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a copy would do."""

    order: Order
    closure: Closure
    steps: Sequence[Step]
    """In the order in which they are done."""
    blobs: int
    """How many blobs the new manifests list."""
    new_bytes: int
    """How many bytes of manifests and blobs the target's project does not hold yet."""
    kept: Sequence[TagName]
    """Derived tags of the target that stay as they are: they point at what the source's never did."""
    warnings: Sequence[str] = ()

    @property
    def entries(self) -> frozenset[Entry]:
        """All that goes along, new or not."""
        return frozenset(map(Entry, self.closure.nodes)) | {
            Entry(digest, tag) for tag, digest in self.closure.tags.items()
        }


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a copy would do, and all that would refuse it as things stand."""

    plan: Plan
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy has brought, and what gates warned of."""

    plan: Plan
    manifests: int
    warnings: Sequence[str]


Within = Callable[[Connection, Step], None]
"""Done in the transaction of each step; what it raises is the end of the copy, and nothing of that step is done."""

Tell = Callable[[int, int], None]
"""Takes how many steps of how many are done."""


def nobody(_done: int, _total: int) -> None:
    """Tell nobody how far it is."""


def pointed(tags: Mapping[TagName, Digest], digest: Digest) -> tuple[TagName, ...]:
    """Return those of `tags` that point at a manifest."""
    return tuple(tag for tag, target in tags.items() if target == digest)
