# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about secrets that the instance key encrypts: the root, and sealing anew what a table holds."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.instance_key import key_id_of
from entrepot.features.tokens.tables import instance_secrets
from entrepot.features.tokens.tables import signing_keys
from entrepot.infra.database.upsert import insert_if_absent

ROOT = "root"
PAGE = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of secrets: the key of its table, itself, and for what purpose that of a row is encrypted."""

    what: str
    key: Column[Any]
    sealed: Column[Any]
    purpose: Callable[[str], str]

    def page(self, connection: Connection, after: str) -> Sequence[tuple[str, bytes]]:
        """Return secrets in the order of their keys."""
        query = select(self.key, self.sealed).where(self.key > after, self.sealed.is_not(None))
        return [(key, sealed) for key, sealed in connection.execute(query.order_by(self.key).limit(PAGE))]

    def reseal(self, connection: Connection, instance_key: InstanceKey, after: str) -> tuple[int, str]:
        """Encrypt a page anew where another key than the current one did; return how many, and where to go on.

        A secret that is replaced meanwhile is left as it is. Raises `CannotUnseal`.
        """
        page, changed = self.page(connection, after), 0
        for key, sealed in page:
            if key_id_of(sealed) != instance_key.current.id:
                purpose = self.purpose(key)
                new = instance_key.seal(purpose, instance_key.unseal(purpose, sealed))
                change = update(self.sealed.table).where(self.key == key, self.sealed == sealed)
                changed += connection.execute(change.values({self.sealed: new})).rowcount
        return changed, page[-1][0] if len(page) == PAGE else ""

    def uses(self, connection: Connection, after: str) -> tuple[Counter[str], str]:
        """Count a page by the key that encrypted it, which is empty where no key is named; and where to go on."""
        page = self.page(connection, after)
        return Counter(key_id_of(sealed) for _, sealed in page), page[-1][0] if len(page) == PAGE else ""


SIGNING_KEYS = SealedColumn(
    "signing keys", signing_keys.c.kid, signing_keys.c.private_key_encrypted, lambda _: "token signing keys"
)
ROOTS = SealedColumn("root", instance_secrets.c.name, instance_secrets.c.sealed, lambda name: f"{name} of derived keys")


def find_root(connection: Connection) -> bytes | None:
    """Return the sealed root."""
    return connection.scalar(select(instance_secrets.c.sealed).where(instance_secrets.c.name == ROOT))


def ensure_root(connection: Connection, sealed: bytes) -> None:
    """Store the root unless there is one."""
    insert_if_absent(connection, instance_secrets, {"name": ROOT, "sealed": sealed})


def newest_signing_key(connection: Connection) -> bytes | None:
    """Return the newest signing key, sealed."""
    newest = select(signing_keys.c.private_key_encrypted).order_by(signing_keys.c.generation.desc())
    return connection.scalar(newest.limit(1))


def witnesses(connection: Connection) -> list[tuple[SealedColumn, str, bytes]]:
    """Return a secret of each kind that is there once anything was encrypted; the schema may be any, or none."""
    there = set(inspect(connection).get_table_names())
    found: list[tuple[SealedColumn, str, bytes]] = []
    if signing_keys.name in there and (sealed := newest_signing_key(connection)):
        found.append((SIGNING_KEYS, "", sealed))
    if instance_secrets.name in there and (sealed := find_root(connection)):
        found.append((ROOTS, ROOT, sealed))
    return found
