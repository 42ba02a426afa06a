# SPDX-License-Identifier: Apache-2.0
"""The tags of one repository page by page, in each order that they are offered in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.oci.version_order import NO_VERSION
from entrepot.oci.version_order import version_key
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags


class TagOrder(StrEnum):
    """How tags may be sorted; the minus sign turns the order round."""

    NAME = "name"
    NAME_BACKWARDS = "-name"
    UPDATED = "updated"
    NEWEST = "-updated"
    VERSION = "version"
    HIGHEST = "-version"


@dataclass(frozen=True, slots=True)
class TaggedManifest:
    """A tag, and the manifest that it points at now. `updated_by` is `kind:name`."""

    name: TagName
    digest: Digest
    updated_at: Milliseconds
    updated_by: str
    media_type: str
    artifact_type: str | None


@dataclass(frozen=True, slots=True)
class TagPlace:
    """Where a tag stands in any of the orders. The time matters only to those by time."""

    name: str
    updated_at: Milliseconds


NO_TIME = Milliseconds(0)
"""The time of a place in an order in which it does not matter."""

_BEHIND_EVERY_NAME = "\x7f"
_BEHIND_EVERY_TIME = Milliseconds(2**62)

_TAGGED = (
    select(
        tags.c.name,
        tags.c.digest,
        tags.c.updated_at,
        tags.c.updated_by,
        manifests.c.media_type,
        manifests.c.artifact_type,
    )
    .join(manifests, and_(manifests.c.repo_id == tags.c.repo_id, manifests.c.digest == tags.c.digest))
    .where(tags.c.repo_id == bindparam("repo_id"), tags.c.digest.is_not(None))
)
_ONE = _TAGGED.where(tags.c.name == bindparam("name"))
_PAGE = _TAGGED.where(Contains(tags.c.name, bindparam("pattern"))).limit(bindparam("limit"))

_TIME_PLACE, _TIME = tuple_(bindparam("updated_at"), bindparam("name")), tuple_(tags.c.updated_at, tags.c.name)
_KEY_PLACE, _KEY = tuple_(bindparam("key"), bindparam("name")), tuple_(tags.c.version_key, tags.c.name)

_BY_NAME = _PAGE.where(bindparam("name") < tags.c.name).order_by(tags.c.name)

_STATEMENTS: Mapping[TagOrder, Select[Any]] = MappingProxyType(
    {
        TagOrder.NAME: _BY_NAME,
        TagOrder.NAME_BACKWARDS: _PAGE.where(bindparam("name") > tags.c.name).order_by(tags.c.name.desc()),
        TagOrder.UPDATED: _PAGE.where(_TIME_PLACE < _TIME).order_by(tags.c.updated_at, tags.c.name),
        TagOrder.NEWEST: _PAGE.where(_TIME_PLACE > _TIME).order_by(tags.c.updated_at.desc(), tags.c.name.desc()),
        TagOrder.VERSION: _PAGE.where(_KEY_PLACE < _KEY).order_by(tags.c.version_key, tags.c.name),
        TagOrder.HIGHEST: _PAGE.where(_KEY_PLACE > _KEY, tags.c.version_key > NO_VERSION).order_by(
            tags.c.version_key.desc(), tags.c.name.desc()
        ),
    }
)
_NO_VERSIONS = _BY_NAME.where(tags.c.version_key == NO_VERSION)

_BACKWARDS = frozenset({TagOrder.NAME_BACKWARDS, TagOrder.NEWEST, TagOrder.HIGHEST})
_BY_VERSION = frozenset({TagOrder.VERSION, TagOrder.HIGHEST})


def tagged(connection: Connection, repo_id: RepositoryId, name: TagName) -> TaggedManifest | None:
    """Return one tag, None when there is none of that name."""
    row = connection.execute(_ONE, {"repo_id": repo_id, "name": name}).first()
    return None if row is None else TaggedManifest(*row)


def page(
    connection: Connection, repo_id: RepositoryId, order: TagOrder, after: TagPlace | None, text: str, limit: int
) -> list[TaggedManifest]:
    """Return up to `limit` tags behind `after` whose name contains `text`, whatever its case.

    Tags that are no versions come behind those that are, by name, in both orders by version.
    """
    values = {"repo_id": repo_id, "pattern": containing(text), "limit": limit, **_place(order, after)}
    if order not in _BY_VERSION:
        return _execute(connection, _STATEMENTS[order], values)
    found: list[TaggedManifest] = []
    if after is None or values["key"] != NO_VERSION:
        found = _execute(connection, _STATEMENTS[order], values)
        values["name"] = ""
    if len(found) < limit:
        found += _execute(connection, _NO_VERSIONS, values | {"limit": limit - len(found)})
    return found


def _place(order: TagOrder, after: TagPlace | None) -> dict[str, object]:
    """Return what the tags of a page come behind; the first page of versions begins behind what is none."""
    if after is not None:
        return {"name": after.name, "updated_at": after.updated_at, "key": version_key(after.name)}
    if order in _BACKWARDS:
        return {"name": _BEHIND_EVERY_NAME, "updated_at": _BEHIND_EVERY_TIME, "key": _BEHIND_EVERY_NAME}
    name = _BEHIND_EVERY_NAME if order is TagOrder.VERSION else ""
    return {"name": name, "updated_at": NO_TIME, "key": NO_VERSION}


def _execute(connection: Connection, statement: Select[Any], values: Mapping[str, object]) -> list[TaggedManifest]:
    return [TaggedManifest(*row) for row in connection.execute(statement, values)]
