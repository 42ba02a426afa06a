# SPDX-License-Identifier: Apache-2.0
"""Imports, their logins, what a dry run found, and the uploads that are under way."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.copies import Asker
from entrepot.features.imports.models import Import
from entrepot.features.imports.models import ImportState
from entrepot.features.imports.models import Terms
from entrepot.features.imports.models import Work
from entrepot.features.imports.sealing import sealed_for
from entrepot.features.imports.tables import import_contents
from entrepot.features.imports.tables import import_repositories
from entrepot.features.imports.tables import import_uploads
from entrepot.features.imports.tables import imports
from entrepot.features.tokens import SealedColumn
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName

SOURCE_LOGINS = SealedColumn("logins of imports", imports.c.id, imports.c.login_encrypted, sealed_for)

NEWEST = "~"
"""Behind every import."""
_OPEN = (ImportState.RUNNING.value, ImportState.PAUSED.value)
_PAGE = (
    select(imports).where(imports.c.id < bindparam("before")).order_by(imports.c.id.desc()).limit(bindparam("limit"))
)
_OWN = _PAGE.where(imports.c.requested_by == bindparam("identity"))


def add(connection: Connection, made: Import, sealed: bytes | None) -> None:
    """Keep an import, and the login for its source as it is encrypted."""
    values = {
        "id": made.id,
        "url": made.url,
        "login_encrypted": sealed,
        "project": made.project,
        "terms": _json(made.terms),
        "requested_by": made.asker.identity,
        "asker": _json(made.asker),
        "requested_at": made.requested_at,
    }
    connection.execute(insert(imports), values | _standing(made))


def change(connection: Connection, changed: Import) -> None:
    """Keep how an import stands now."""
    connection.execute(update(imports).where(imports.c.id == changed.id).values(_standing(changed)))


def set_asker(connection: Connection, import_id: str, asker: Asker) -> None:
    """Keep in whose name an import goes on."""
    values = {"requested_by": asker.identity, "asker": _json(asker)}
    connection.execute(update(imports).where(imports.c.id == import_id).values(values))


def set_login(connection: Connection, import_id: str, sealed: bytes | None) -> None:
    """Keep another login for the source, as it is encrypted, or none."""
    connection.execute(update(imports).where(imports.c.id == import_id).values(login_encrypted=sealed))


def login_of(connection: Connection, import_id: str) -> bytes | None:
    """Return the login for the source, as it is encrypted."""
    return connection.scalar(select(imports.c.login_encrypted).where(imports.c.id == import_id))


def find(connection: Connection, import_id: str, *, to_change: bool = False) -> Import | None:
    """Return an import, locked until the transaction ends if it is `to_change`."""
    query = select(imports).where(imports.c.id == import_id)
    row = connection.execute(query.with_for_update() if to_change else query).one_or_none()
    return None if row is None else _import(row)


def page(connection: Connection, before: str, limit: int, identity: str | None) -> list[Import]:
    """Return imports that are older than the one with the id `before`, the newest first; of one account, or all."""
    values: dict[str, Any] = {"before": before or NEWEST, "limit": limit}
    statement = _PAGE
    if identity is not None:
        statement, values = _OWN, values | {"identity": identity}
    return [_import(row) for row in connection.execute(statement, values).all()]


def count_open(connection: Connection, identity: str) -> int:
    """Tell how many imports of an account wait, run or are paused."""
    query = select(func.count()).where(imports.c.requested_by == identity, imports.c.state.in_(_OPEN))
    return connection.scalar(query) or 0


def running(connection: Connection) -> list[Import]:
    """Return every import that is to run, locked."""
    query = select(imports).where(imports.c.state == ImportState.RUNNING.value).with_for_update(skip_locked=True)
    return [_import(row) for row in connection.execute(query).all()]


def counted_by_state(connection: Connection) -> dict[str, int]:
    """Tell how many imports stand how."""
    rows = connection.execute(select(imports.c.state, func.count()).group_by(imports.c.state)).all()
    return {row[0]: row[1] for row in rows}


def fetched_bytes(connection: Connection) -> int:
    """Tell how many bytes the imports that are kept have fetched."""
    return int(connection.scalar(select(func.sum(import_repositories.c.new_bytes))) or 0)


def prune(connection: Connection, before: Milliseconds, limit: int) -> None:
    """Forget imports that ended before a moment, with their logins and reports."""
    over = select(imports.c.id).where(imports.c.ended_at < before, imports.c.state.not_in(_OPEN)).limit(limit)
    connection.execute(delete(imports).where(imports.c.id.in_(over)))


def note_contents(connection: Connection, import_id: str, found: Iterable[tuple[Digest, int, bool]]) -> None:
    """Note what would come: digests, sizes, and whether each is here. What is known of a digest already stays."""
    rows = [
        {"import_id": import_id, "digest": digest, "size": size, "is_here": is_here} for digest, size, is_here in found
    ]
    rows.sort(key=lambda row: str(row["digest"]))
    if rows:
        connection.execute(dialect_insert(connection, import_contents).on_conflict_do_nothing(), rows)


def contents(connection: Connection, import_id: str) -> tuple[int, int, int]:
    """Return how many digests would come, their bytes, and how many bytes of those are not here."""
    missing = func.sum(case((import_contents.c.is_here.is_(False), import_contents.c.size), else_=0))
    query = select(func.count(), func.sum(import_contents.c.size), missing)
    row = connection.execute(query.where(import_contents.c.import_id == import_id)).one()
    return int(row[0]), int(row[1] or 0), int(row[2] or 0)


def forget_contents(connection: Connection, import_id: str) -> None:
    """Forget what a dry run has found."""
    connection.execute(delete(import_contents).where(import_contents.c.import_id == import_id))


def upload_of(connection: Connection, import_id: str, target: RepositoryName, digest: Digest) -> Ulid | None:
    """Return the upload that was begun for a blob."""
    found = connection.scalar(select(import_uploads.c.upload_id).where(*_of_blob(import_id, target, digest)))
    return None if found is None else Ulid(found)


def note_upload(
    connection: Connection, import_id: str, target: RepositoryName, digest: Digest, upload_id: Ulid
) -> None:
    """Note the upload that was begun for a blob, in the place of an earlier one."""
    values = {"import_id": import_id, "target": target, "digest": digest, "upload_id": upload_id}
    made = dialect_insert(connection, import_uploads).values(values)
    keys = ["import_id", "target", "digest"]
    connection.execute(made.on_conflict_do_update(index_elements=keys, set_={"upload_id": upload_id}))


def forget_upload(connection: Connection, import_id: str, target: RepositoryName, digest: Digest) -> None:
    """Forget the upload of a blob, which is over."""
    connection.execute(delete(import_uploads).where(*_of_blob(import_id, target, digest)))


def _of_blob(import_id: str, target: RepositoryName, digest: Digest) -> tuple[Any, ...]:
    own = import_uploads.c
    return own.import_id == import_id, own.target == target, own.digest == digest


def _standing(made: Import) -> dict[str, Any]:
    return {
        "work": made.work.value,
        "state": made.state.value,
        "rests": made.rests.value,
        "turn": made.turn,
        "catalogue": made.catalogue,
        "is_listed": made.is_listed,
        "began_at": made.began_at,
        "ended_at": made.ended_at,
        "checked_at": made.checked_at,
        "reason": made.reason,
    }


def _import(row: Row[Any]) -> Import:
    return Import(
        id=Ulid(row.id),
        url=row.url,
        project=row.project,
        terms=msgspec.json.decode(row.terms, type=Terms),
        asker=msgspec.structs.replace(msgspec.json.decode(row.asker, type=Asker), identity=row.requested_by),
        requested_at=row.requested_at,
        work=Work(row.work),
        state=ImportState(row.state),
        rests=ImportState(row.rests),
        turn=row.turn,
        catalogue=row.catalogue,
        is_listed=row.is_listed,
        began_at=row.began_at,
        ended_at=row.ended_at,
        checked_at=row.checked_at,
        reason=row.reason,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
