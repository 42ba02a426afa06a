# SPDX-License-Identifier: Apache-2.0
"""The keys of encrypted objects, as they are recorded: with the object, or with the upload that it comes from."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import inspect
from sqlalchemy import literal
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.sealing import STATE_HEAD_BYTES
from entrepot.infra.storage.sealing import key_id_of_state
from entrepot.infra.storage.sealing import parse_upload_state
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import objects
from entrepot.registry.tables import uploads


class SealedObject(NamedTuple):
    """An object and its key."""

    object_key: ObjectKey
    sealed_key: SealedKey


class Use(NamedTuple):
    """How much needs a key of the store, and when the last of the uploads ends, if nobody goes on with it."""

    objects: int
    uploads: int
    until: Milliseconds | None


_KEY = bindparam("key", type_=Text)
_FIND = union_all(
    select(objects.c.key_id, objects.c.wrapped_key, null().cast(LargeBinary).label("state")).where(
        objects.c.object_key == _KEY
    ),
    select(null().cast(Text), null().cast(LargeBinary), uploads.c.writer_state).where(uploads.c.object_key == _KEY),
)
_NEXT_ID = select(func.min(objects.c.key_id)).where(objects.c.key_id > bindparam("after", type_=Text))
_HEAD = func.substr(uploads.c.writer_state, 1, literal(STATE_HEAD_BYTES, Integer), type_=LargeBinary)
_UPLOADS = select(_HEAD, func.count(), func.max(uploads.c.expires_at)).group_by(_HEAD)
_OBJECTS = (
    select(objects.c.key_id, func.count())
    .where(objects.c.key_id > literal(""))
    .group_by(objects.c.key_id)
    .order_by(objects.c.key_id)
)
_PAGE = (
    select(objects.c.object_key, objects.c.key_id, objects.c.wrapped_key)
    .where(objects.c.key_id == bindparam("key_id", type_=Text), objects.c.object_key > bindparam("after", type_=Text))
    .order_by(objects.c.object_key)
    .limit(bindparam("limit", type_=Integer))
)
_REWRAP = (
    update(objects)
    .where(objects.c.object_key == bindparam("of_key"), objects.c.key_id == bindparam("known"))
    .values(key_id=bindparam("new_id"), wrapped_key=bindparam("new_wrapped"))
)


def find(connection: Connection, key: ObjectKey) -> SealedKey | None:
    """Return the key of an object or an upload; None when it is not encrypted, or not recorded."""
    row = connection.execute(_FIND, {"key": key}).first()
    if row is None:
        return None
    if row.state is not None:
        upload = parse_upload_state(row.state)
        return None if upload is None else upload.sealed_key
    return None if row.key_id is None else SealedKey(row.key_id, row.wrapped_key)


def needed(connection: Connection) -> list[str]:
    """Return which keys anything needs; the schema may be of any version, or none.

    Looks at one row for each key, and at the uploads.
    """
    if not inspect(connection).has_table(objects.name):
        return []
    ids = {key_id for head, *_ in connection.execute(_UPLOADS) if (key_id := key_id_of_state(head or b""))}
    after = ""
    while (found := connection.execute(_NEXT_ID, {"after": after}).scalar()) is not None:
        ids.add(found)
        after = found
    return sorted(ids)


def uses(connection: Connection) -> dict[str, Use]:
    """Return how much needs each key. Counts objects."""
    found = {key_id: Use(count, 0, None) for key_id, count in connection.execute(_OBJECTS)}
    for head, count, until in connection.execute(_UPLOADS):
        if key_id := key_id_of_state(head):
            found[key_id] = Use(found[key_id].objects if key_id in found else 0, count, until)
    return found


def sealed_under(connection: Connection, key_id: str, after: str, limit: int) -> Sequence[SealedObject]:
    """Return objects whose keys are sealed under `key_id`, in the order of their keys."""
    page = connection.execute(_PAGE, {"key_id": key_id, "after": after, "limit": limit})
    return [SealedObject(row.object_key, SealedKey(row.key_id, row.wrapped_key)) for row in page]


def replace(connection: Connection, known_id: str, rewrapped: Sequence[SealedObject]) -> int:
    """Record keys that were rewrapped, of objects whose keys are still sealed under `known_id`; return how many."""
    changed = 0
    for each in rewrapped:
        new = {"new_id": each.sealed_key.key_id, "new_wrapped": each.sealed_key.wrapped}
        changed += connection.execute(_REWRAP, {"of_key": each.object_key, "known": known_id, **new}).rowcount
    return changed
