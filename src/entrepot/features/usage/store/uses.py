# SPDX-License-Identifier: Apache-2.0
"""When tags and manifests were last used, and since when that is recorded."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from typing import TypeVar

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Delete
from sqlalchemy import Exists
from sqlalchemy import Integer
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.usage.models import LastUses
from entrepot.features.usage.tables import usage_artifact_uses
from entrepot.features.usage.tables import usage_recordings
from entrepot.features.usage.tables import usage_tag_uses
from entrepot.infra.database.among import Among
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags

N = TypeVar("N", TagName, Digest)

NAMES_PER_STATEMENT = 5_000
_ONE_ROW = 1


class UsePlace(NamedTuple):
    """A row of uses: a repository, and a tag or a digest in it."""

    repo_id: RepositoryId
    name: str


BEGINNING = UsePlace(RepositoryId(0), "")


def _newest(table: Table, name: str) -> InsertOrUpdate:
    """Return what notes a use, unless a newer one is known."""
    return InsertOrUpdate(
        table,
        ("repo_id", name, "last_used_at"),
        ("repo_id", name),
        lambda new: {"last_used_at": new.last_used_at},
        lambda new: table.c.last_used_at < new.last_used_at,
    )


def _among(table: Table, name: str) -> Select[tuple[str, int]]:
    return select(table.c[name].label("name"), table.c.last_used_at).where(
        table.c.repo_id == bindparam("repo_id"), Among(table.c[name], "names")
    )


_NOTE_TAG = _newest(usage_tag_uses, "tag")
_NOTE_ARTIFACT = _newest(usage_artifact_uses, "digest")
_TAGS_AMONG = _among(usage_tag_uses, "tag")
_ARTIFACTS_AMONG = _among(usage_artifact_uses, "digest")
_SINCE = select(usage_recordings.c.uses_since)

_IS_STORED = exists().where(
    manifests.c.repo_id == usage_artifact_uses.c.repo_id, manifests.c.digest == usage_artifact_uses.c.digest
)
_IS_REMEMBERED = exists().where(
    tags.c.repo_id == usage_tag_uses.c.repo_id,
    tags.c.name == usage_tag_uses.c.tag,
    or_(tags.c.digest.is_not(None), tags.c.updated_at >= bindparam("before", type_=BigInteger)),
)
_BEHIND = tuple_(bindparam("behind_repo", type_=BigInteger), bindparam("behind_name"))


def _page(table: Table, name: str, is_there: Exists) -> Select[tuple[int, str, bool]]:
    key = table.c.repo_id, table.c[name]
    return (
        select(table.c.repo_id, table.c[name].label("name"), is_there.label("is_there"))
        .where(tuple_(*key) > _BEHIND)
        .order_by(*key)
        .limit(bindparam("limit", type_=Integer))
    )


def _forget(table: Table, name: str, is_there: Exists) -> Delete:
    return delete(table).where(
        table.c.repo_id == bindparam("of_repo"), table.c[name] == bindparam("of_name"), ~is_there
    )


@dataclass(frozen=True, slots=True)
class Used:
    """What uses are of, as the statements that find and forget those of what is gone."""

    page: Select[tuple[int, str, bool]]
    forget: Delete


OF_TAGS = Used(_page(usage_tag_uses, "tag", _IS_REMEMBERED), _forget(usage_tag_uses, "tag", _IS_REMEMBERED))
OF_ARTIFACTS = Used(
    _page(usage_artifact_uses, "digest", _IS_STORED), _forget(usage_artifact_uses, "digest", _IS_STORED)
)


def note_start(connection: Connection, now: Milliseconds) -> None:
    """Note that uses are recorded from now on, unless they are already."""
    insert_if_absent(connection, usage_recordings, {"id": _ONE_ROW, "uses_since": now})


def forget_start(connection: Connection) -> None:
    """Forget since when uses are recorded: there were some that are not in this database."""
    connection.execute(delete(usage_recordings))


def recorded_since(connection: Connection) -> Milliseconds:
    """Return since when uses are recorded. Raises `NoResultFound` unless `note_start` was called."""
    return Milliseconds(connection.execute(_SINCE).scalar_one())


def note_tags(connection: Connection, uses: Mapping[tuple[RepositoryId, TagName], Milliseconds]) -> None:
    """Note uses of tags. Rows are written in their order, so that no two who write wait for each other."""
    _NOTE_TAG.run_all(connection, _rows_of(uses))


def note_artifacts(connection: Connection, uses: Mapping[tuple[RepositoryId, Digest], Milliseconds]) -> None:
    """Note uses of manifests, as `note_tags`."""
    _NOTE_ARTIFACT.run_all(connection, _rows_of(uses))


def last_uses(
    connection: Connection, repo_id: RepositoryId, names: Sequence[TagName] = (), digests: Sequence[Digest] = ()
) -> LastUses:
    """Return the last uses of those tags and manifests of a repository, in one statement for 500 of either."""
    return LastUses(
        recorded_since(connection),
        {TagName(name): at for name, at in _found(connection, _TAGS_AMONG, repo_id, names)},
        {Digest(name): at for name, at in _found(connection, _ARTIFACTS_AMONG, repo_id, digests)},
    )


def look(
    connection: Connection, used: Used, place: UsePlace, before: Milliseconds, limit: int
) -> tuple[list[UsePlace], UsePlace | None]:
    """Look at the `limit` rows behind a place: return those of what is gone, and where to go on, None at the end.

    Gone is a manifest that is not even in the bin, and a tag that was deleted before that moment.
    """
    values = {"behind_repo": place.repo_id, "behind_name": place.name, "limit": limit, "before": before}
    rows = connection.execute(used.page, values).all()
    gone = [UsePlace(row.repo_id, row.name) for row in rows if not row.is_there]
    return gone, UsePlace(rows[-1].repo_id, rows[-1].name) if len(rows) == limit else None


def forget(connection: Connection, used: Used, gone: Sequence[UsePlace], before: Milliseconds) -> None:
    """Remove rows, but for those whose tag or manifest has come back meanwhile."""
    connection.execute(
        used.forget, [{"of_repo": each.repo_id, "of_name": each.name, "before": before} for each in sorted(gone)]
    )


def _rows_of(uses: Mapping[tuple[RepositoryId, N], Milliseconds]) -> list[tuple[int, str, int]]:
    return [(repo_id, name, at) for (repo_id, name), at in sorted(uses.items())]


def _found(
    connection: Connection, statement: Select[tuple[str, int]], repo_id: RepositoryId, names: Sequence[str]
) -> Iterator[tuple[str, Milliseconds]]:
    for start in range(0, len(names), NAMES_PER_STATEMENT):
        some = list(names[start : start + NAMES_PER_STATEMENT])
        for row in connection.execute(statement, {"repo_id": repo_id, "names": some}):
            yield row.name, Milliseconds(row.last_used_at)
