# SPDX-License-Identifier: Apache-2.0
"""Whether an instance key is that of the database, and the root that stays when the key is replaced.

What is only compared (recovery codes, invitations, the handles of security keys)
cannot be encrypted anew. It is an HMAC under keys that derive from the root: a
secret in the database, encrypted by the instance key as others are.
"""

import secrets

from sqlalchemy import Connection

from entrepot.features.tokens.instance_key import CannotUnseal
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.store import sealed as store
from entrepot.features.tokens.store.sealed import ROOT
from entrepot.features.tokens.store.sealed import ROOTS
from entrepot.features.tokens.store.sealed import SIGNING_KEYS
from entrepot.infra.database.engine import Database
from entrepot.infra.keys.key_file import KEY_BYTES
from entrepot.kernel.errors import AppError


class WrongInstanceKey(AppError):
    """The secrets in the database are encrypted by another instance key."""

    code = "wrong_instance_key"


def has_secrets(connection: Connection) -> bool:
    """Tell whether an instance key encrypted anything; a database of any version may be asked, an empty one too."""
    return bool(store.witnesses(connection))


def require_instance_key(connection: Connection, key: InstanceKey) -> None:
    """Raise `WrongInstanceKey` unless the key opens what the database holds; it may be of any version, or empty."""
    for column, name, sealed in store.witnesses(connection):
        try:
            key.unseal(column.purpose(name), sealed)
        except CannotUnseal as error:
            given = ", ".join(f"{each.id} ({each.origin})" for each in key.all)
            raise WrongInstanceKey(
                f"the secrets in the database are not to be opened: {error.message} Given: {given}",
                hint="Restore the key that this instance was set up with: the file instance.key of its data folder, or "
                "what keys.instance_key_file names. Nothing was written. A key that was replaced stays in "
                "keys.other_instance_key_files until entrepot keys status says that nothing needs it.",
            ) from error


def with_root(database: Database, key: InstanceKey) -> InstanceKey:
    """Return the key, deriving from the root of the database, which is made if there is none.

    Where the key was in use before there were roots, the root is that key: what was derived stays as it is.
    For start-up and commands. Raises `WrongInstanceKey`.
    """
    database.snapshot_now(require_instance_key, key)
    sealed = database.snapshot_now(store.find_root)
    if sealed is None:
        database.write_now(_make_root, key)
        sealed = database.snapshot_now(store.find_root)
    return key.rooted(key.unseal(ROOTS.purpose(ROOT), sealed or b""))


def _make_root(connection: Connection, key: InstanceKey) -> None:
    used = store.newest_signing_key(connection)
    opener = None if used is None else key.opens(SIGNING_KEYS.purpose(""), used)
    root = secrets.token_bytes(KEY_BYTES) if opener is None else opener.secret
    store.ensure_root(connection, key.seal(ROOTS.purpose(ROOT), root))
