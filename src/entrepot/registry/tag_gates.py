# SPDX-License-Identifier: Apache-2.0
"""Asking the gates before tags are pointed at something or deleted, so that what they said still holds at the commit.

Gates are asked before the transaction, since they may read and wait. So the transaction looks whether each tag
points at what the gates were told it does; where one does not, it is undone, and they are asked again.
"""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import TypeVar

from entrepot.kernel.errors import Unavailable
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.store import manifests
from entrepot.registry.store.tags import Move

T = TypeVar("T")

MAX_ROUNDS = 8
"""How often gates are asked about tags that others go on moving meanwhile."""

Seen = Mapping[TagName, Digest | None]
"""What each tag pointed at when gates were asked about it: None where there was no such tag."""


class TagsContended(Unavailable):
    """Others are changing the same tags at this moment."""

    code = "tags_contended"


class TagsMoved(Exception):
    """A tag is no longer what the gates were asked about: undoes the transaction, so that they are asked again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What gates warned of, and what they were asked about; None where no gate wants to be."""

    warnings: list[str]
    seen: Seen | None


async def ask_about_tag(core: Core, about: GateContext, tag: TagName) -> Asked:
    """Ask the gates about pointing `tag` at `about.digest`. Raises `Denied`."""
    if not (core.gates.watches(Operation.TAG_SET) or core.gates.watches(Operation.TAG_MOVE)):
        return Asked([], None)
    current = await core.database.read(manifests.by_tag, RepositoryName(about.repository), tag)
    operation = Operation.TAG_SET if current is None else Operation.TAG_MOVE
    previous = None if current is None else current.digest
    context = replace(about, operation=operation, tag=tag, previous_digest=previous)
    return Asked(await core.gates.check(context), {tag: previous})


async def ask_about_tags(core: Core, about: GateContext, tags: Sequence[TagName]) -> Asked:
    """Ask about pointing several tags at it at once, each of which is told of the others. Raises `Denied`."""
    together = replace(about, tags=tuple(tags))
    answers = [await ask_about_tag(core, together, tag) for tag in dict.fromkeys(tags)]
    return joined(answers)


def joined(answers: Sequence[Asked]) -> Asked:
    """Return several answers as one."""
    warnings = [warning for answer in answers for warning in answer.warnings]
    known = [answer.seen for answer in answers if answer.seen is not None]
    if len(known) < len(answers):
        return Asked(warnings, None)
    return Asked(warnings, {tag: digest for seen in known for tag, digest in seen.items()})


async def once_agreed(
    ask: Callable[[], Awaitable[Asked]], commit: Callable[[Seen | None], Awaitable[T]]
) -> tuple[T, Asked]:
    """Ask, and commit what was agreed; again where `commit` raises `TagsMoved`.

    Raises what either raises, and `TagsContended` when others win again and again.
    """
    for _ in range(MAX_ROUNDS):
        asked = await ask()
        try:
            return await commit(asked.seen), asked
        except TagsMoved:
            continue
    raise TagsContended


def require_seen(move: Move, seen: Seen | None) -> None:
    """Do nothing if the tag pointed at what the gates saw, or nobody had to ask them. Raises `TagsMoved`."""
    if seen is None:
        return
    before = move.before.digest if move.before else None
    if move.name not in seen or seen[move.name] != before:
        raise TagsMoved


def require_all_seen(deleted: Iterable[TagName], seen: Seen | None) -> None:
    """Do the same for tags that went along with a manifest; those derived from a digest go with their subject."""
    if seen is not None and any(is_ordinary_tag(tag) and tag not in seen for tag in deleted):
        raise TagsMoved
