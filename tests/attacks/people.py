# SPDX-License-Identifier: Apache-2.0
"""Users of an application that several tests share: made by the first that needs them."""

from sqlalchemy import Connection

from entrepot.features.identity import find_user
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic


async def a_user(application: Application, name: str, *granted: tuple[str, str], is_admin: bool = False) -> Client:
    """Be a user, to whom these roles were granted when it was made."""
    if not await application.database.read(_is_there, name):
        await application.user(name, *granted, is_admin=is_admin)
    return basic(application, name, PASSWORD)


def _is_there(connection: Connection, name: str) -> bool:
    return find_user(connection, name) is not None
