# SPDX-License-Identifier: Apache-2.0
"""What projects store, counted link by link: for administrators who wait for it, one page of projects at a time."""

from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select

from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import uploads

MAX_LINKS = 100_000
"""So many links a page looks at: some seconds."""


@dataclass(slots=True)
class ProjectStorage:
    """What a project stores, in bytes. Each blob counts once, and in one of the first four.

    `unique` and `shared` are blobs of artifacts that are not deleted: those that no other
    project holds, and the others. `binned` are blobs that only deleted artifacts use, `leased`
    those that none uses (yet). Where it is not `is_complete`, there is more of the first four.
    """

    name: str
    unique: int = 0
    shared: int = 0
    binned: int = 0
    leased: int = 0
    uploads: int = 0
    is_complete: bool = True
    links: int = field(default=0, repr=False)
    """How many links were looked at."""


_NAME = bindparam("name", type_=String)
_NEXT = select(func.min(repositories.c.namespace)).where(repositories.c.namespace > bindparam("after"))
_LINKS = (
    select(repo_blobs.c.repo_id, repo_blobs.c.digest)
    .join(repositories, repositories.c.id == repo_blobs.c.repo_id)
    .where(repositories.c.namespace == _NAME)
    .limit(bindparam("limit", type_=Integer))
    .cte("links")
)
_other, _others_repository = repo_blobs.alias(), repositories.alias()
_IS_USED = exists().where(manifest_blobs.c.repo_id == _LINKS.c.repo_id, manifest_blobs.c.link == _LINKS.c.digest)
_IS_LIVE = exists().where(
    manifest_blobs.c.repo_id == _LINKS.c.repo_id,
    manifest_blobs.c.link == _LINKS.c.digest,
    manifests.c.repo_id == manifest_blobs.c.repo_id,
    manifests.c.digest == manifest_blobs.c.manifest,
    manifests.c.deleted_at.is_(None),
)
_BY_DIGEST = (
    select(
        _LINKS.c.digest,
        func.count().label("links"),
        func.max(case((_IS_LIVE, 2), (_IS_USED, 1), else_=0)).label("use"),
    )
    .group_by(_LINKS.c.digest)
    .cte("by_digest")
)
_IS_SHARED = exists().where(
    _other.c.digest == _BY_DIGEST.c.digest,
    _others_repository.c.id == _other.c.repo_id,
    _others_repository.c.namespace != _NAME,
)
_is_live = _BY_DIGEST.c.use == 2
_SHARES = (
    select(_BY_DIGEST.c.links, _BY_DIGEST.c.use, blobs.c.size, and_(_is_live, _IS_SHARED).label("is_shared"))
    .join(blobs, blobs.c.digest == _BY_DIGEST.c.digest)
    .cte("shares")
)
_SUMS = select(
    _SHARES.c.use,
    _SHARES.c.is_shared,
    func.sum(_SHARES.c.links).label("links"),
    func.sum(_SHARES.c.size).label("bytes"),
).group_by(_SHARES.c.use, _SHARES.c.is_shared)
_UPLOADS = (
    select(func.coalesce(func.sum(uploads.c.offset), 0))
    .join(repositories, repositories.c.id == uploads.c.repo_id)
    .where(repositories.c.namespace == _NAME)
)


def page(
    connection: Connection, after: str, limit: int, max_links: int = MAX_LINKS
) -> tuple[list[ProjectStorage], str]:
    """Return what up to `limit` projects behind the name `after` store, and where the next page begins.

    A page is shorter when its projects have many links. The place is empty on the last one.
    """
    found: list[ProjectStorage] = []
    left = max_links
    while (name := connection.execute(_NEXT, {"after": after}).scalar()) is not None:
        if len(found) == limit or left <= 0:
            return found, after
        project = of_project(connection, name, max_links)
        left -= project.links
        found.append(project)
        after = name
    return found, ""


def of_project(connection: Connection, name: str, max_links: int = MAX_LINKS) -> ProjectStorage:
    """Return what one project stores, as far as so many links tell."""
    project = ProjectStorage(name, uploads=int(connection.execute(_UPLOADS, {"name": name}).scalar_one()))
    for row in connection.execute(_SUMS, {"name": name, "limit": max_links}):
        kind = ("leased", "binned", "shared" if row.is_shared else "unique")[row.use]
        setattr(project, kind, getattr(project, kind) + int(row.bytes))
        project.links += int(row.links)
    project.is_complete = project.links < max_links
    return project
