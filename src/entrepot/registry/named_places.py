# SPDX-License-Identifier: Apache-2.0
"""Walking over repositories and their tags in order of their names, from any place on."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.kernel.spans import Span
from entrepot.kernel.spans import behind
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import repositories
from entrepot.registry.store import tags

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A repository, or a tag of it and what that points at; both empty for before all."""

    repository: str = ""
    tag: str = ""
    digest: Digest | None = field(default=None, compare=False)


def named_places(
    connection: Connection, spans: Sequence[Span], matches: Callable[[str], bool], after: NamedPlace
) -> Iterator[NamedPlace]:
    """Yield every repository in the spans and each tag of those that match, a repository before its tags.

    Repositories that do not match are yielded too, so that whoever counts how many were looked at counts them.
    """
    if matches(after.repository):
        yield from _tags(connection, after.repository, after.tag)
    left = behind(spans, after.repository)
    while left and (names := repositories.names_within(connection, left, _BATCH)):
        for name in names:
            yield NamedPlace(name)
            if matches(name):
                yield from _tags(connection, name, "")
        left = behind(left, names[-1])


def _tags(connection: Connection, name: str, after: str) -> Iterator[NamedPlace]:
    repository = repositories.find(connection, RepositoryName(name))
    while repository is not None and (found := tags.set_after(connection, repository.id, after, _BATCH)):
        yield from (NamedPlace(name, tag, digest) for tag, digest in found)
        after = found[-1][0]
