# SPDX-License-Identifier: Apache-2.0
"""Tags: names that move, each move with a version and a line of history."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.oci.version_order import version_key
from entrepot.registry.events import Cause
from entrepot.registry.events import Version
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import holds
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags

NAMES_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it stands. Without a digest it was deleted."""

    name: TagName
    digest: Digest | None
    version: Version


@dataclass(frozen=True, slots=True)
class Change:
    """Who moves tags, when, where and why, and how long the old value can be restored."""

    region: str
    actor: str
    cause: Cause
    now: Milliseconds
    restorable_until: Milliseconds
    deletion_id: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one tag: what it was and what it became."""

    name: TagName
    before: Tag | None
    digest: Digest | None
    version: Version


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One value that a tag had."""

    id: int
    name: TagName
    digest: Digest | None
    previous_digest: Digest | None
    version: Version
    changed_at: Milliseconds
    changed_by: str
    cause: str


_FIND = (
    select(tags.c.name, tags.c.digest, tags.c.epoch, tags.c.hlc, tags.c.region)
    .where(tags.c.repo_id == bindparam("repo_id"), tags.c.name == bindparam("tag"))
    .with_for_update()
)

_POINTING = select(tags.c.name, tags.c.digest, tags.c.epoch, tags.c.hlc, tags.c.region).where(
    tags.c.repo_id == bindparam("repo_id"), tags.c.digest == bindparam("digest")
)

_INSERT = insert(tags)

_UPDATE = (
    update(tags)
    .where(tags.c.repo_id == bindparam("in_repo"), tags.c.name == bindparam("tag"))
    .values(
        digest=bindparam("new_digest"),
        epoch=bindparam("new_epoch"),
        hlc=bindparam("new_hlc"),
        region=bindparam("new_region"),
        updated_at=bindparam("now"),
        updated_by=bindparam("actor"),
    )
)

_INSERT_HISTORY = insert(tag_history)
_INSERT_HOLD = insert(holds)

_NAMES = (
    select(tags.c.name)
    .where(
        tags.c.repo_id == bindparam("repo_id"),
        tags.c.name > bindparam("after"),
        tags.c.digest.is_not(None),
    )
    .order_by(tags.c.name)
    .limit(bindparam("limit"))
)

_SET_AFTER = _NAMES.add_columns(tags.c.digest)

_HISTORY = (
    select(tag_history)
    .where(
        tag_history.c.repo_id == bindparam("repo_id"),
        tag_history.c.name == bindparam("tag"),
        tag_history.c.id < bindparam("before"),
    )
    .order_by(tag_history.c.id.desc())
    .limit(bindparam("limit"))
)

_HAD = (
    select(tag_history.c.id)
    .where(
        tag_history.c.repo_id == bindparam("repo_id"),
        tag_history.c.name == bindparam("tag"),
        tag_history.c.digest == bindparam("digest"),
    )
    .limit(1)
)


_UNSET = select(tags.c.name).where(
    tags.c.repo_id == bindparam("repo_id"),
    tags.c.name.in_(bindparam("names", expanding=True)),
    tags.c.digest.is_(None),
)


def find(connection: Connection, repo_id: RepositoryId, name: TagName) -> Tag | None:
    """Return the tag, even a deleted one, locking it until the transaction ends."""
    row = connection.execute(_FIND, {"repo_id": repo_id, "tag": name}).first()
    return None if row is None else Tag(row.name, row.digest, Version(row.epoch, row.hlc, row.region))


def pointing_at(connection: Connection, repo_id: RepositoryId, digest: Digest) -> list[Tag]:
    """Return every tag that points at the manifest."""
    rows = connection.execute(_POINTING, {"repo_id": repo_id, "digest": digest})
    return [Tag(row.name, row.digest, Version(row.epoch, row.hlc, row.region)) for row in rows]


def move(
    connection: Connection, repo_id: RepositoryId, name: TagName, digest: Digest | None, change: Change
) -> Move | None:
    """Point a tag at `digest`, or delete it (None); return what happened, None when it stood there already.

    The version is computed under the lock on the tag's row: it always grows.
    What the tag pointed at before stays restorable until `change.restorable_until`.
    """
    before = find(connection, repo_id, name)
    if (before.digest if before else None) == digest:
        return None
    version = next_version(before, change)
    if before is None:
        connection.execute(
            _INSERT,
            {
                "repo_id": repo_id,
                "name": name,
                "digest": digest,
                "epoch": version.epoch,
                "hlc": version.hlc,
                "region": version.region,
                "updated_at": change.now,
                "updated_by": change.actor,
                "version_key": version_key(name),
            },
        )
    else:
        connection.execute(
            _UPDATE,
            {
                "in_repo": repo_id,
                "tag": name,
                "new_digest": digest,
                "new_epoch": version.epoch,
                "new_hlc": version.hlc,
                "new_region": version.region,
                "now": change.now,
                "actor": change.actor,
            },
        )
    done = Move(name, before, digest, version)
    _remember(connection, repo_id, done, change)
    return done


def next_version(before: Tag | None, change: Change) -> Version:
    """Return the version that follows: the wall clock's, or one more than the last where that is ahead."""
    wall = change.now << 16
    if before is None:
        return Version(0, wall, change.region)
    return Version(before.version.epoch, max(wall, before.version.hlc + 1), change.region)


def names_after(connection: Connection, repo_id: RepositoryId, after: str, limit: int) -> list[TagName]:
    """Return up to `limit` tags behind `after`, in bytewise order."""
    return list(connection.execute(_NAMES, {"repo_id": repo_id, "after": after, "limit": limit}).scalars())


def set_after(connection: Connection, repo_id: RepositoryId, after: str, limit: int) -> list[tuple[TagName, Digest]]:
    """Return up to `limit` tags behind `after` with what they point at, in bytewise order."""
    rows = connection.execute(_SET_AFTER, {"repo_id": repo_id, "after": after, "limit": limit})
    return [(name, digest) for name, digest in rows]


def history(
    connection: Connection, repo_id: RepositoryId, name: TagName, before_id: int, limit: int
) -> list[HistoryEntry]:
    """Return up to `limit` values the tag had, newest first, older than entry `before_id`."""
    values = {"repo_id": repo_id, "tag": name, "before": before_id, "limit": limit}
    return [
        HistoryEntry(
            id=row.id,
            name=row.name,
            digest=row.digest,
            previous_digest=row.previous_digest,
            version=Version(row.epoch, row.hlc, row.region),
            changed_at=row.changed_at,
            changed_by=row.changed_by,
            cause=row.cause,
        )
        for row in connection.execute(_HISTORY, values)
    ]


def had(connection: Connection, repo_id: RepositoryId, name: TagName, digest: Digest) -> bool:
    """Tell whether the tag points at the manifest or ever did."""
    return connection.execute(_HAD, {"repo_id": repo_id, "tag": name, "digest": digest}).first() is not None


def deleted_by(connection: Connection, deletion_id: str) -> list[tuple[TagName, Digest]]:
    """Return the tags that one deletion took, each with what it had pointed at."""
    query = select(tag_history.c.name, tag_history.c.previous_digest).where(
        tag_history.c.deletion_id == deletion_id, tag_history.c.previous_digest.is_not(None)
    )
    return [(row.name, row.previous_digest) for row in connection.execute(query)]


def unset_among(connection: Connection, repo_id: RepositoryId, names: Sequence[TagName]) -> set[TagName]:
    """Return those of `names` that are deleted tags."""
    found: set[TagName] = set()
    for start in range(0, len(names), NAMES_PER_STATEMENT):
        values = {"repo_id": repo_id, "names": names[start : start + NAMES_PER_STATEMENT]}
        found.update(connection.execute(_UNSET, values).scalars())
    return found


def _remember(connection: Connection, repo_id: RepositoryId, done: Move, change: Change) -> None:
    previous = done.before.digest if done.before else None
    connection.execute(
        _INSERT_HISTORY,
        {
            "repo_id": repo_id,
            "name": done.name,
            "digest": done.digest,
            "previous_digest": previous,
            "epoch": done.version.epoch,
            "hlc": done.version.hlc,
            "region": done.version.region,
            "changed_at": change.now,
            "changed_by": change.actor,
            "cause": change.cause,
            "deletion_id": change.deletion_id,
        },
    )
    if previous is not None:
        connection.execute(
            _INSERT_HOLD,
            {
                "kind": "history",
                "repo_id": repo_id,
                "digest": previous,
                "until": change.restorable_until,
                "created_at": change.now,
                "reason": f"tag {done.name} pointed here",
            },
        )
