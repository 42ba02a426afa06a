# SPDX-License-Identifier: Apache-2.0
"""The disk fills and a token expires: who can do something about it hears of it in time, once, and by mail.

The storage has a stated size. The administrator hears when it is nearly full, again when it gets worse, and that it is
well once somebody made room. A developer hears that her token ends; a project that she no longer reads is not told of.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.notifications import NOTIFICATIONS
from tests.builders.notifications import an_application_that_tells
from tests.builders.notifications import happens
from tests.builders.notifications import have_mail
from tests.builders.notifications import heard
from tests.builders.notifications import look
from tests.builders.notifications import quota_reached
from tests.builders.notifications import time_passes
from tests.fakes.mail_server import MailServer

MIB = 1024 * 1024
RULE = f"{NOTIFICATIONS}/rules/storage"

pytestmark = pytest.mark.anyio


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """The mail server of the company."""
    with MailServer().running() as server:
        yield server


@pytest.fixture
def application(tmp_path: Path, mail: MailServer) -> Iterator[Application]:
    """Hold the whole application, which sends mail."""
    with an_application_that_tells(tmp_path, mail) as application:
        yield application


@pytest.fixture
async def root(application: Application, mail: MailServer) -> Client:
    """Who runs the registry, and gets mail. The storage may hold a mebibyte."""
    client = await application.user("root", is_admin=True)
    await have_mail(client, mail, "root@example.org")
    assert (await client.send_json("PUT", RULE, {"levels": [80, 95], "capacity_bytes": MIB})).status == 200
    return client


async def test_the_disk_fills(application: Application, root: Client, mail: MailServer) -> None:
    """Each level is told once, by mail and in the console, and that it is well again."""
    ada = await application.user("ada", ("team/**", "admin"))
    await ada.push_blob("team/app", b"a" * (85 * MIB // 100 + 1))
    await look(application)
    await look(application)
    assert [each["text"] for each in await heard(root)] == ["85 % of the storage is used: 870 KiB of 1.0 MiB."]

    await ada.push_blob("team/app", b"b" * (12 * MIB // 100))
    await look(application)
    assert [each["severity"] for each in await heard(root)] == ["critical", "warning"]

    assert (await root.send_json("PUT", RULE, {"levels": [80, 95], "capacity_bytes": 4 * MIB})).status == 200
    await look(application)

    newest, *_ = await heard(root)
    assert (newest["text"], newest["severity"]) == ("There is room again: 24 % of the storage is used.", "info")
    assert [each.message["Subject"][:4] for each in mail.taken] == ["85 %", "97 %", "Ther"]
    assert await heard(ada) == []


async def test_a_disk_that_stays_full_is_told_daily(application: Application, root: Client, mail: MailServer) -> None:
    """Whoever has not made room is told the next day, and not every five minutes."""
    ada = await application.user("ada", ("team/**", "admin"))
    await ada.push_blob("team/app", b"a" * (85 * MIB // 100 + 1))
    for _ in range(3):
        await look(application)

    await time_passes(application, DAY_MS)
    for _ in range(3):
        await look(application)

    assert len(await heard(root)) == len(mail.taken) == 2


async def test_a_token_expires(application: Application, root: Client, mail: MailServer) -> None:
    """Its owner hears of it at two weeks; nobody else does, nor of a project that is no longer theirs."""
    ada = await application.user("ada", ("team/**", "admin"))
    await have_mail(ada, mail, "ada@example.org")
    made = await ada.post("/api/v1/tokens", {"name": "ci", "expires_in_days": 10})
    assert made.status == 201, made.body
    await look(application)
    await look(application)
    await happens(application, Change.QUOTA_REACHED, quota_reached())
    grant = "principal=user:ada&path_pattern=team/**&role=admin"
    assert (await root.send("DELETE", f"/api/v1/grants?{grant}")).status == 204

    told = await heard(ada)

    assert sorted(each["kind"] for each in told) == ["account.token", "token.ends"]
    assert (await ada.get(f"{NOTIFICATIONS}/unread")).json == {"unread": 2}
    [mailed] = [each for each in mail.taken if "Your token ci expires in" in each.text]
    assert mailed.recipients == ("ada@example.org",)
    assert not [each for each in await heard(root) if each["kind"] == "token.ends"]


async def test_somebody_tries_passwords(application: Application, root: Client) -> None:
    """Ten wrong ones are told at once: to who runs the registry, and to whose account it is."""
    ada = await application.user("ada")
    rule = {"levels": [3], "window_minutes": 15}
    assert (await root.send_json("PUT", f"{NOTIFICATIONS}/rules/logins-account", rule)).status == 200
    wrong = Client(application.server, (("authorization", "Basic YWRhOndyb25n"),))
    for _ in range(3):
        assert (await wrong.get(NOTIFICATIONS)).status == 401
    await application.settle_due()

    assert [each["kind"] for each in await heard(root)] == ["logins.account"]
    [found] = await heard(ada)
    assert found["text"] == "3 logins with your account failed within 15 minutes."
