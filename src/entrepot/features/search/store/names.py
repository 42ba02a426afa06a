# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of search. Each follows an index, and looks at no more rows than its caller says."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.search.models import FoundArtifact
from entrepot.features.search.models import FoundTag
from entrepot.features.search.models import Known
from entrepot.features.search.models import Row
from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.prepared import Prepared
from entrepot.kernel.spans import Span
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

_LIMIT = bindparam("limit", type_=Integer)
_IS_WITHIN = repositories.c.name >= bindparam("first"), repositories.c.name < bindparam("end")
_BEHIND = (
    select(repositories.c.name)
    .where(*_IS_WITHIN)
    .order_by(repositories.c.name)
    .limit(1)
    .offset(bindparam("skipped", type_=Integer))
)
_CONTAINING = (
    select(repositories.c.id, repositories.c.name)
    .where(
        *_IS_WITHIN,
        Contains(repositories.c.name, bindparam("pattern")),
        repositories.c.visible_at.is_not(None),
    )
    .order_by(repositories.c.name)
)
_KNOWN = select(repositories.c.id, repositories.c.name).where(
    repositories.c.name.in_(bindparam("names", expanding=True))
)
_TAGS_IN = Prepared(
    select(tags.c.name, tags.c.digest)
    .where(tags.c.repo_id == bindparam("repo_id"), tags.c.name >= bindparam("first"), tags.c.name < bindparam("end"))
    .order_by(tags.c.name)
    .limit(_LIMIT),
    "repo_id",
    "first",
    "end",
    "limit",
)
_MANIFESTS_IN = Prepared(
    select(manifests.c.digest, manifests.c.media_type, manifests.c.artifact_type, manifests.c.deleted_at)
    .where(
        manifests.c.repo_id == bindparam("repo_id"),
        manifests.c.digest >= bindparam("first"),
        manifests.c.digest < bindparam("end"),
    )
    .order_by(manifests.c.digest)
    .limit(_LIMIT),
    "repo_id",
    "first",
    "end",
    "limit",
)
_BEHIND_ROW = tuple_(bindparam("first"), bindparam("behind", type_=Integer))
_TAGS = (
    select(tags.c.name, tags.c.repo_id, tags.c.digest, repositories.c.name.label("repository"))
    .join(repositories, repositories.c.id == tags.c.repo_id)
    .where(
        tuple_(tags.c.name, tags.c.repo_id) > _BEHIND_ROW,
        tags.c.name < bindparam("end"),
        tags.c.digest.is_not(None),
    )
    .order_by(tags.c.name, tags.c.repo_id)
    .limit(_LIMIT)
)
_MANIFESTS = (
    select(
        manifests.c.digest,
        manifests.c.repo_id,
        manifests.c.media_type,
        manifests.c.artifact_type,
        repositories.c.name.label("repository"),
    )
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(
        tuple_(manifests.c.digest, manifests.c.repo_id) > _BEHIND_ROW,
        manifests.c.digest < bindparam("end"),
        manifests.c.deleted_at.is_(None),
    )
    .order_by(manifests.c.digest, manifests.c.repo_id)
    .limit(_LIMIT)
)


def known(connection: Connection, names: Sequence[RepositoryName]) -> list[Known]:
    """Return the repositories of these names, in no order."""
    return [Known(*row) for row in connection.execute(_KNOWN, {"names": names})]


def name_behind(connection: Connection, span: Span, skipped: int) -> RepositoryName | None:
    """Return the name of the repository in the span that `skipped` others come before, None when there are fewer."""
    return connection.execute(_BEHIND, {"first": span.first, "end": span.end, "skipped": skipped}).scalar()


def containing_text(connection: Connection, span: Span, text: str) -> list[Known]:
    """Return the visible repositories in the span whose names contain `text`, by name. Looks at all in the span."""
    values = {"first": span.first, "end": span.end, "pattern": containing(text)}
    return [Known(*row) for row in connection.execute(_CONTAINING, values)]


def tags_in(connection: Connection, repository: Known, span: Span, limit: int) -> list[Row[FoundTag]]:
    """Look at the first `limit` tags in a span of a repository, deleted ones too."""
    rows = _TAGS_IN.all(connection, repository.id, span.first, span.end, limit)
    return [
        Row(name, repository.id, FoundTag(repository.name, name, digest) if digest else None) for name, digest in rows
    ]


def artifacts_in(connection: Connection, repository: Known, span: Span, limit: int) -> list[Row[FoundArtifact]]:
    """Look at the first `limit` artifacts in a span of digests in a repository, deleted ones too."""
    rows = _MANIFESTS_IN.all(connection, repository.id, span.first, span.end, limit)
    return [
        Row(digest, repository.id, FoundArtifact(repository.name, digest, *types) if deleted_at is None else None)
        for digest, *types, deleted_at in rows
    ]


def tags_anywhere(connection: Connection, span: Span, behind: RepositoryId, limit: int) -> list[Row[FoundTag]]:
    """Return the first `limit` tags in a span, whatever their repositories; of its first, behind that repository."""
    values = {"first": span.first, "end": span.end, "behind": behind, "limit": limit}
    return [
        Row(row.name, row.repo_id, FoundTag(row.repository, row.name, row.digest))
        for row in connection.execute(_TAGS, values)
    ]


def artifacts_anywhere(
    connection: Connection, span: Span, behind: RepositoryId, limit: int
) -> list[Row[FoundArtifact]]:
    """Return the first `limit` artifacts in a span of digests, whatever their repositories, as `tags_anywhere`."""
    values = {"first": span.first, "end": span.end, "behind": behind, "limit": limit}
    return [
        Row(row.digest, row.repo_id, FoundArtifact(row.repository, row.digest, row.media_type, row.artifact_type))
        for row in connection.execute(_MANIFESTS, values)
    ]
