# SPDX-License-Identifier: Apache-2.0
"""The first administrator, made when an instance starts that has none."""

from pathlib import Path

from pwdlib import PasswordHash
from sqlalchemy import Connection

from entrepot.features.identity import store
from entrepot.features.identity.models import ADMINISTRATOR_NAME
from entrepot.features.identity.models import FirstAdministrator
from entrepot.features.identity.new_passwords import make_up
from entrepot.features.identity.password_files import INITIAL_PASSWORD_FILE
from entrepot.features.identity.password_files import write_secret
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds


def bootstrap(
    database: Database, hasher: PasswordHash, chosen_password: str, data_dir: Path, clock: Clock
) -> FirstAdministrator | None:
    """Create the user `admin` while no administrator exists; return it if this call created it.

    An empty `chosen_password` means that one is made up and written to
    `<data_dir>/initial-admin-password` (mode 600) before the account can be
    seen. Any number of processes may call this at once: one of them creates the
    account. For start-up, outside the event loop. Raises `OSError` when the
    file cannot be written; then no account was created.
    """
    if database.snapshot_now(store.has_administrator):
        return None
    administrator = FirstAdministrator(
        name=ADMINISTRATOR_NAME,
        password=chosen_password or make_up(),
        password_file=None if chosen_password else data_dir / INITIAL_PASSWORD_FILE,
    )
    password_hash = hasher.hash(administrator.password)
    is_created = database.write_now(_create, administrator, password_hash, clock())
    return administrator if is_created else None


def _create(connection: Connection, administrator: FirstAdministrator, password_hash: str, now: Milliseconds) -> bool:
    if not store.create_first_administrator(connection, administrator.name, password_hash, now):
        return False
    if administrator.password_file is not None:
        write_secret(administrator.password_file, administrator.password)
    return True
