# SPDX-License-Identifier: Apache-2.0
"""Letting an administrator in again where nobody has a password: after the database was made anew."""

from pathlib import Path

from sqlalchemy import Connection

from entrepot.features.identity import store
from entrepot.features.identity.models import ADMINISTRATOR_NAME
from entrepot.features.identity.models import FirstAdministrator
from entrepot.features.identity.new_passwords import make_up
from entrepot.features.identity.password_files import INITIAL_PASSWORD_FILE


def readmission(connection: Connection, chosen_password: str, data_dir: Path) -> FirstAdministrator | None:
    """Return the administrator who gets a new password and which, None if there is no local one.

    That is `admin` if that is one, else the first by name. An empty `chosen_password` means that one is made up,
    which belongs into the `password_file`.
    """
    names = store.lock_local_administrators(connection)
    if not names:
        return None
    name = ADMINISTRATOR_NAME if ADMINISTRATOR_NAME in names else min(names)
    return FirstAdministrator(
        name=name,
        password=chosen_password or make_up(),
        password_file=None if chosen_password else data_dir / INITIAL_PASSWORD_FILE,
    )


def readmit(connection: Connection, administrator: FirstAdministrator, password_hash: str) -> None:
    """Give that administrator the new password."""
    user = store.find_user(connection, administrator.name)
    if user is not None:
        store.set_password(connection, user, password_hash, user.password_changed_at)
