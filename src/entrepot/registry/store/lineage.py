# SPDX-License-Identifier: Apache-2.0
"""Which manifests stand and fall together: an index with its children, a subject with what refers to it.

Whatever protects a manifest protects those below it: the children of an index, and the referrers of a subject, also
those that older clients name by a tag such as `sha256-<hex>.sig`. Manifests of the bin count like all others.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.oci.digest import Digest
from entrepot.oci.digest import SubjectTag
from entrepot.oci.digest import referrers_tag
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags

DIGESTS_PER_STATEMENT = 500

_REPO = bindparam("repo_id", type_=BigInteger)
_SOME: BindParameter[Digest] = bindparam("some", expanding=True)
_PARENTS = select(manifest_children.c.child, manifest_children.c.parent).where(
    manifest_children.c.repo_id == _REPO, manifest_children.c.child.in_(_SOME)
)
_CHILDREN = select(manifest_children.c.parent, manifest_children.c.child).where(
    manifest_children.c.repo_id == _REPO,
    manifest_children.c.parent.in_(_SOME),
    manifest_children.c.child.is_not(None),
)
_SUBJECTS = select(manifests.c.digest, manifests.c.subject).where(
    manifests.c.repo_id == _REPO, manifests.c.digest.in_(_SOME), manifests.c.subject.is_not(None)
)
_REFERRERS = select(manifests.c.subject, manifests.c.digest).where(
    manifests.c.repo_id == _REPO, manifests.c.subject.in_(_SOME)
)
_IS_DERIVED = (tags.c.repo_id == _REPO, tags.c.name >= "sha256-", tags.c.name < "sha513-")
_DERIVED_ON = select(tags.c.digest, tags.c.name).where(*_IS_DERIVED, tags.c.digest.in_(_SOME))
_DERIVED = select(tags.c.name, tags.c.digest).where(*_IS_DERIVED, tags.c.digest.is_not(None))
_WITH_PREFIX = select(manifests.c.digest).where(
    manifests.c.repo_id == _REPO,
    manifests.c.digest >= bindparam("prefix"),
    manifests.c.digest < bindparam("behind"),
)

Edges = dict[Digest, set[Digest]]
"""From each manifest to those next to it: above it, or below it."""
_Look = Callable[[Connection, RepositoryId, Sequence[Digest]], Iterable[tuple[Digest, Digest]]]


def above(connection: Connection, repo_id: RepositoryId, digests: Iterable[Digest]) -> Edges:
    """Return, for `digests` and all above them, what is right above each: indexes, and the subject."""
    return _walk(connection, repo_id, digests, _right_above)


def below(connection: Connection, repo_id: RepositoryId, digests: Iterable[Digest]) -> Edges:
    """Return, for `digests` and all below them, what is right below each: children, and referrers."""
    return _walk(connection, repo_id, digests, _right_below)


def indexes_of(connection: Connection, repo_id: RepositoryId, digests: Iterable[Digest]) -> Edges:
    """Return, for `digests` and all indexes that hold them at any depth, the indexes that hold each."""
    return _walk(connection, repo_id, digests, _parents)


def children_of(connection: Connection, repo_id: RepositoryId, digests: Iterable[Digest]) -> Edges:
    """Return, for `digests` and all that they hold at any depth, the children of each."""
    return _walk(connection, repo_id, digests, _children)


def upside_down(edges: Mapping[Digest, Iterable[Digest]]) -> Edges:
    """Return the same, seen from the other end."""
    turned: Edges = {}
    for one, others in edges.items():
        for other in others:
            turned.setdefault(other, set()).add(one)
    return turned


def portions(digests: Iterable[Digest]) -> Iterator[list[Digest]]:
    """Cut digests into as many as one statement takes."""
    listed = list(digests)
    return (listed[start : start + DIGESTS_PER_STATEMENT] for start in range(0, len(listed), DIGESTS_PER_STATEMENT))


def _walk(connection: Connection, repo_id: RepositoryId, digests: Iterable[Digest], look: _Look) -> Edges:
    found: Edges = {}
    waiting = set(digests)
    while waiting:
        found |= {digest: set() for digest in waiting}
        for some in portions(sorted(waiting)):
            for one, other in look(connection, repo_id, some):
                found[one].add(other)
        waiting = {other for one in waiting for other in found[one]} - found.keys()
    return found


def _run(
    connection: Connection, statement: Select[Any], repo_id: RepositoryId, some: Sequence[Digest]
) -> Iterator[tuple[Digest, Digest]]:
    return iter([(row[0], row[1]) for row in connection.execute(statement, {"repo_id": repo_id, "some": some})])


def _parents(connection: Connection, repo_id: RepositoryId, some: Sequence[Digest]) -> Iterator[tuple[Digest, Digest]]:
    return _run(connection, _PARENTS, repo_id, some)


def _children(connection: Connection, repo_id: RepositoryId, some: Sequence[Digest]) -> Iterator[tuple[Digest, Digest]]:
    return _run(connection, _CHILDREN, repo_id, some)


def _right_above(
    connection: Connection, repo_id: RepositoryId, some: Sequence[Digest]
) -> Iterator[tuple[Digest, Digest]]:
    yield from _parents(connection, repo_id, some)
    yield from _run(connection, _SUBJECTS, repo_id, some)
    for digest, tag in connection.execute(_DERIVED_ON, {"repo_id": repo_id, "some": some}).all():
        derived = subject_of_fallback_tag(tag)
        if derived is not None:
            whole = [derived.digest] if derived.digest else _beginning_with(connection, repo_id, derived)
            yield from ((digest, subject) for subject in whole)


def _right_below(
    connection: Connection, repo_id: RepositoryId, some: Sequence[Digest]
) -> Iterator[tuple[Digest, Digest]]:
    yield from _children(connection, repo_id, some)
    yield from _run(connection, _REFERRERS, repo_id, some)
    subjects = {referrers_tag(digest): digest for digest in some}
    for tag, digest in connection.execute(_DERIVED, {"repo_id": repo_id}).all():
        subject = subjects.get(tag.partition(".")[0])
        if subject is not None and subject_of_fallback_tag(tag) is not None:
            yield subject, digest


def _beginning_with(connection: Connection, repo_id: RepositoryId, derived: SubjectTag) -> list[Digest]:
    """Return the manifests whose digest begins as a tag says that has no room for all of it."""
    prefix = f"{derived.algorithm}:{derived.encoded_prefix}"
    values = {"repo_id": repo_id, "prefix": prefix, "behind": f"{prefix}g"}
    return [Digest(each) for each in connection.execute(_WITH_PREFIX, values).scalars()]
