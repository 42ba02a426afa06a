# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about overrides, and reading and writing rules as they are stored."""

from collections.abc import Sequence
from contextlib import suppress

import msgspec
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.tables import immutability_overrides as overrides
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName

KEPT_MS = 30 * DAY_MS
"""For how long an override that has ended is kept."""

_COLUMNS = (
    overrides.c.repository,
    overrides.c.tag,
    overrides.c.reason,
    overrides.c.expires_at,
    overrides.c.created_at,
    overrides.c.created_by,
)
_ONE = (overrides.c.repository == bindparam("the_repository"), overrides.c.tag == bindparam("the_tag"))
_FIND = select(*_COLUMNS).where(*_ONE, overrides.c.expires_at > bindparam("now"))
_COUNT = (
    select(func.count())
    .select_from(overrides)
    .where(overrides.c.repository == bindparam("the_repository"), overrides.c.expires_at > bindparam("now"))
)
_REMOVE = delete(overrides).where(*_ONE)
_REMOVE_OLD = delete(overrides).where(overrides.c.expires_at < bindparam("before"))
_REMOVE_WITHIN = delete(overrides).where(overrides.c.project == bindparam("the_project"))
_ADD = insert(overrides)


class _StoredRule(msgspec.Struct, omit_defaults=True):
    """A rule as it is stored: the effect as text, so that one of a newer version does no harm to the others."""

    repositories: str
    tags: str
    effect: str
    until: int | None = None
    description: str = ""
    is_binding: bool = False


def encode(rules: Sequence[Rule]) -> str:
    """Return rules as they are stored."""
    stored = [
        _StoredRule(each.repositories, each.tags, each.effect.value, each.until, each.description, each.is_binding)
        for each in rules
    ]
    return msgspec.json.encode(stored).decode()


def decode(text: str) -> tuple[Rule, ...]:
    """Read rules; one that a newer version wrote, and this one does not understand, keeps what it is about.

    Raises `ValueError` for what is no list of rules.
    """
    found: list[Rule] = []
    for each in msgspec.json.decode(text, type=list[_StoredRule]):
        effect = Effect.IMMUTABLE
        with suppress(ValueError):
            effect = Effect(each.effect)
        until = None if each.until is None else Milliseconds(each.until)
        with suppress(InvalidRequest):
            found.append(Rule(each.repositories, each.tags, effect, until, each.description, each.is_binding))
    return tuple(found)


def find(connection: Connection, repository: RepositoryName, tag: TagName, now: Milliseconds) -> Override | None:
    """Return the override of a tag that has not ended."""
    row = connection.execute(_FIND, {"the_repository": repository, "the_tag": tag, "now": now}).first()
    return None if row is None else Override(*row)


def count(connection: Connection, repository: RepositoryName, now: Milliseconds) -> int:
    """Return how many overrides of a repository have not ended."""
    return connection.execute(_COUNT, {"the_repository": repository, "now": now}).scalar_one()


def put(connection: Connection, override: Override, project: str) -> None:
    """Store an override in the place of one for the same tag, and forget those that ended long ago."""
    connection.execute(_REMOVE_OLD, {"before": override.created_at - KEPT_MS})
    remove(connection, override.repository, override.tag)
    row = {
        "repository": override.repository,
        "tag": override.tag,
        "project": project,
        "reason": override.reason,
        "expires_at": override.expires_at,
        "created_at": override.created_at,
        "created_by": override.created_by,
    }
    connection.execute(_ADD, row)


def remove(connection: Connection, repository: RepositoryName, tag: TagName) -> None:
    """Remove the override of a tag."""
    connection.execute(_REMOVE, {"the_repository": repository, "the_tag": tag})


def remove_within(connection: Connection, project: str) -> None:
    """Remove the overrides of a project."""
    connection.execute(_REMOVE_WITHIN, {"the_project": project})
