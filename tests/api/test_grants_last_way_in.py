# SPDX-License-Identifier: Apache-2.0
"""The last account that can repair the registry with its password stays its administrator, whatever takes the role."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.identity import IdentitySettings
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application

GRANTS = "/api/v1/grants"
ROLE = "principal=root&path_pattern=SYSTEM&role=administrator"
GRANT = {"principal": "root", "path_pattern": "SYSTEM", "role": "administrator"}

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold an application in which two accounts log in with a password."""
    identity = IdentitySettings(local_passwords="break-glass", break_glass_accounts=("root", "spare"))
    with an_application(tmp_path, identity=identity) as application:
        yield application


@pytest.fixture
async def root(application: Application) -> Client:
    """The one of them that administers the registry, beside somebody whose password is good for nothing."""
    await application.user("spare")
    await application.user("other", is_admin=True)
    return await application.user("root", is_admin=True)


async def test_its_role_is_not_taken(root: Client) -> None:
    """Neither at once, nor by letting it end."""
    answers = [
        await root.send("DELETE", f"{GRANTS}?{ROLE}"),
        await root.post(GRANTS, {**GRANT, "expires_at": "2099-01-01T00:00:00Z"}),
        await root.send_json("PATCH", "/api/v1/users/root", {"administrator": False}),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(409, "last_break_glass_account")] * 3


async def test_it_is_taken_once_another_one_can_take_its_place(root: Client) -> None:
    """Other grants, and those of others, are none of this."""
    other = "principal=other&path_pattern=SYSTEM&role=administrator"
    wanted = {**GRANT, "principal": "spare"}

    assert (await root.send("DELETE", f"{GRANTS}?{other}")).status == 204
    assert (await root.post(GRANTS, {**wanted, "expires_at": "2099-01-01T00:00:00Z"})).status == 201
    assert (await root.send("DELETE", f"{GRANTS}?{ROLE}")).status == 409
    assert (await root.post(GRANTS, wanted)).status == 200
    assert (await root.send("DELETE", f"{GRANTS}?{ROLE}")).status == 204
