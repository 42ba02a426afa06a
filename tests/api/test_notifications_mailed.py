# SPDX-License-Identifier: Apache-2.0
"""Mail to people, through a real server: whose address it is, what is said, how often, and what it comes to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.registry.announcing import announce
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.notifications import NOTIFICATIONS
from tests.builders.notifications import an_application_that_tells
from tests.builders.notifications import code_in
from tests.builders.notifications import happens
from tests.builders.notifications import have_mail
from tests.builders.notifications import heard
from tests.builders.notifications import prefer
from tests.builders.notifications import quota_reached
from tests.builders.notifications import time_passes
from tests.fakes.mail_server import MailServer
from tests.fakes.settable_clock import SettableClock

ADA = "ada@example.org"
PROJECTS = tuple(f"p{number}" for number in range(24))

pytestmark = pytest.mark.anyio


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    with MailServer().running() as server:
        yield server


@pytest.fixture
def telling(tmp_path: Path, mail: MailServer) -> Iterator[Application]:
    """An application that sends mail, and whose time stands still at a full hour."""
    with an_application_that_tells(tmp_path, mail, SettableClock()) as application:
        yield application


@pytest.fixture
async def ada(telling: Application, mail: MailServer) -> Client:
    """Somebody who administers projects and gets mail."""
    client = await telling.user("ada", ("team/**", "admin"), *((f"{name}/**", "admin") for name in PROJECTS))
    await have_mail(client, mail, ADA)
    return client


async def test_a_mail_says_what_happened_and_where_it_leads(
    telling: Application, ada: Client, mail: MailServer
) -> None:
    """Its headers say that a program wrote it, and where one has it end."""
    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    [taken] = mail.taken
    assert taken.recipients == (ADA,)
    assert taken.message["Subject"] == "The quota of project team reached 80 %: 80 % used."
    assert "https://registry.example/projects/team?tab=quota" in taken.text
    assert taken.message["List-Unsubscribe"] == "<https://registry.example/profile?tab=notifications>"
    assert len(await heard(ada)) == 1


async def test_a_flood_is_one_mail(telling: Application, ada: Client, mail: MailServer) -> None:
    """What is counted is not sent again within the hour."""
    for _ in range(10):
        await happens(telling, Change.QUOTA_REACHED, quota_reached())

    assert len(mail.taken) == 1
    assert [each["count"] for each in await heard(ada)] == [10]


async def test_many_mails_within_an_hour_become_one(telling: Application, ada: Client, mail: MailServer) -> None:
    """Beyond the limit they wait for the next hour, and come together; nothing is missing in the console."""
    for name in PROJECTS:
        await happens(telling, Change.QUOTA_REACHED, quota_reached(name))
    assert len(mail.taken) == 20
    assert len(await heard(ada)) == 24

    await time_passes(telling, HOUR_MS)

    last = mail.taken[-1].text
    assert "4 of these were held back" in last
    assert len(mail.taken) == 21
    assert "quota of project p23" in last


async def test_a_digest_waits_for_its_hour(telling: Application, ada: Client, mail: MailServer) -> None:
    """A daily mail has everything of the day."""
    await prefer(ada, digest="daily", hour=8, time_zone="Europe/Berlin")
    for name in PROJECTS[:3]:
        await happens(telling, Change.QUOTA_REACHED, quota_reached(name))
    assert mail.taken == []

    await time_passes(telling, DAY_MS)

    [taken] = mail.taken
    assert taken.message["Subject"] == "3 notifications of the registry"


async def test_an_address_is_shown_to_be_ones_own(telling: Application, mail: MailServer) -> None:
    """A wrong code counts, and after five no code is good."""
    ada = await telling.user("ada")
    await ada.send_json("PUT", f"{NOTIFICATIONS}/address", {"address": ADA})
    right = code_in(mail)
    for _ in range(5):
        wrong = await ada.post(f"{NOTIFICATIONS}/address:confirm", {"code": "0" * 8})
        assert wrong.json["code"] == "notification_code_wrong"

    late = await ada.post(f"{NOTIFICATIONS}/address:confirm", {"code": right})

    assert late.status == 400
    shown = (await ada.get(f"{NOTIFICATIONS}/preferences")).json
    assert (shown["address"], shown["awaited_address"], shown["is_mail_on"]) == (None, ADA, True)


async def test_nobody_fills_the_mailbox_of_somebody_else(telling: Application, mail: MailServer) -> None:
    """Codes are sent a few times a day."""
    ada = await telling.user("ada")
    asked = [await ada.send_json("PUT", f"{NOTIFICATIONS}/address", {"address": ADA}) for _ in range(6)]

    assert [each.status for each in asked] == [200] * 5 + [409]
    assert len(mail.taken) == 5


async def test_without_an_address_what_was_to_be_mailed_is_in_the_console(telling: Application) -> None:
    """Nothing is lost because nobody said where it goes."""
    bob = await telling.user("bob", ("team/**", "admin"))
    await prefer(bob, kinds={"quota.reached": "e-mail"})

    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    assert len(await heard(bob)) == 1


async def test_a_mail_that_is_not_taken_is_tried_again(telling: Application, ada: Client, mail: MailServer) -> None:
    """With the same id; the log says what was wrong meanwhile."""
    root = await telling.user("root", is_admin=True)
    mail.answer_to_message = "451 the disk is full"
    await telling.database.write(announce, Change.QUOTA_REACHED, telling.core.clock(), quota_reached())
    await telling.settle_due()
    assert mail.taken == []
    mail.answer_to_message = "250 taken"

    await time_passes(telling, HOUR_MS)

    [taken], [logged] = mail.taken, (await root.get(f"{NOTIFICATIONS}/mails")).json["items"]
    assert (logged["state"], logged["attempts"], logged["error"]) == ("sent", 2, "")
    assert taken.message["Message-ID"] == f"<{logged['id']}@registry.example>"
    assert "quota" not in str(logged)


async def test_a_mail_that_is_refused_is_not(telling: Application, ada: Client, mail: MailServer) -> None:
    """The log says why."""
    root = await telling.user("root", is_admin=True)
    mail.answer_to_recipient = "550 5.1.1 nobody of that name"

    await happens(telling, Change.QUOTA_REACHED, quota_reached())

    [logged] = (await root.get(f"{NOTIFICATIONS}/mails")).json["items"]
    assert (logged["state"], logged["attempts"]) == ("failed", 1)
    assert "550 5.1.1 nobody of that name" in logged["error"]


async def test_administrators_try_whether_mail_works(telling: Application, mail: MailServer) -> None:
    """What the server answers is in the answer, and the attempt in the record."""
    root = await telling.user("root", is_admin=True)
    assert (await root.post(f"{NOTIFICATIONS}/mails:test", {"address": ADA})).status == 204
    mail.answer_to_recipient = "550 5.1.1 nobody of that name"

    refused = await root.post(f"{NOTIFICATIONS}/mails:test", {"address": ADA})

    assert (refused.status, refused.json["code"]) == (424, "mail_refused")
    assert refused.json["detail"] == "the mail server did not take the recipient: 550 5.1.1 nobody of that name"
    told = [each for each in await telling.events() if each.type == Change.NOTIFICATION_MAIL_TESTED]
    assert [each.outcome for each in told] == ["done", "failed"]
