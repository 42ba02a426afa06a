# SPDX-License-Identifier: Apache-2.0
"""Sending mail to a real server over a socket: encrypted, logged in, and told what it answers."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.infra.mail.errors import MailFailed
from entrepot.infra.mail.errors import MailOff
from entrepot.infra.mail.errors import MailRefused
from entrepot.infra.mail.message import Letter
from entrepot.infra.mail.message import Paragraph
from entrepot.infra.mail.settings import MailSecurity
from entrepot.infra.mail.settings import MailSettings
from entrepot.infra.mail.transport import Mailer
from entrepot.kernel.clock import Milliseconds
from tests.fakes.mail_server import PASSWORD
from tests.fakes.mail_server import USER
from tests.fakes.mail_server import MailServer
from tests.fakes.mail_server import a_certificate

LETTER = Letter(
    "01JD2F7ZK3Q8V5T6X9Y0B1C2D4",
    "ada@example.org",
    "The disk fills",
    [Paragraph("Ünïcode & <b>marks</b>", "https://registry.example/system")],
    Milliseconds(1_800_000_000_000),
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """Return the folder of a certificate."""
    return a_certificate(tmp_path / "tls")


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    """Return the file that holds a password."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


async def test_a_mail_arrives_in_the_clear_where_that_is_said() -> None:
    """A server without encryption takes it, from the sender to the recipient."""
    with MailServer().running() as server:
        await Mailer(server.settings()).send(LETTER)

    [taken] = server.taken
    assert (taken.sender, taken.recipients) == ("registry@registry.example", ("ada@example.org",))
    assert taken.message["Message-ID"] == "<01JD2F7ZK3Q8V5T6X9Y0B1C2D4@registry.example>"
    assert taken.message["Auto-Submitted"] == "auto-generated"
    assert "Ünïcode & <b>marks</b>" in taken.text


@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_mail_is_encrypted_and_logged_in(certified: Path, is_tls: bool) -> None:
    """With STARTTLS, or from the first byte, and never before that."""
    with MailServer(certified, is_tls=is_tls, wants_login=True).running() as server:
        await Mailer(server.settings()).send(LETTER)

    [taken] = server.taken
    assert taken.was_encrypted
    assert taken.user == USER


async def test_a_password_may_be_in_a_file(certified: Path, password_file: Path) -> None:
    """It is read when it is needed."""
    with MailServer(certified, wants_login=True).running() as server:
        await Mailer(server.settings(password="", password_file=password_file)).send(LETTER)

    assert server.taken[0].user == USER


async def test_nothing_is_sent_in_the_clear_where_starttls_is_not_offered() -> None:
    """A server that cannot encrypt is not told anything."""
    with MailServer().running() as server:
        mailer = Mailer(server.settings(security=MailSecurity.STARTTLS))

        with pytest.raises(MailFailed, match="STARTTLS"):
            await mailer.send(LETTER)

    assert not server.taken


async def test_a_certificate_of_somebody_else_is_refused(certified: Path) -> None:
    """Whom nobody trusts gets no mail."""
    with MailServer(certified).running() as server, pytest.raises(MailFailed, match="not who it should be"):
        await Mailer(server.settings(ca_file=None)).send(LETTER)


@pytest.mark.parametrize(
    ("answers", "said", "kind"),
    [
        ({"answer_to_recipient": "550 5.1.1 nobody of that name"}, "the recipient: 550 5.1.1 nobody", MailRefused),
        ({"answer_to_message": "554 spam"}, "the message: 554 spam", MailRefused),
        ({"answer_to_message": "451 later"}, "the message: 451 later", MailFailed),
    ],
)
async def test_what_the_server_answers_is_said(answers: dict[str, Any], said: str, kind: type[MailFailed]) -> None:
    """What it refuses for good is not tried again; the rest may be."""
    with MailServer(**answers).running() as server, pytest.raises(kind, match=said) as failure:
        await Mailer(server.settings()).send(LETTER)

    assert failure.value.is_permanent is (kind is MailRefused)


async def test_a_wrong_login_may_be_tried_again(certified: Path) -> None:
    """The operator may correct it; and what is said has no password in it."""
    taking = MailServer(certified, wants_login=True).running()
    with taking as server, pytest.raises(MailFailed, match="the login: 535") as failure:
        await Mailer(server.settings(password="other")).send(LETTER)

    assert not failure.value.is_permanent
    assert "other" not in failure.value.message


async def test_a_server_that_is_away_is_said_to_be() -> None:
    """Nothing listens there."""
    with MailServer().running() as server:
        settings = server.settings()

    with pytest.raises(MailFailed, match="cannot be reached"):
        await Mailer(settings).send(LETTER)


async def test_without_a_server_nothing_is_sent() -> None:
    """That is how it is unless the operator says otherwise."""
    with pytest.raises(MailOff):
        await Mailer(MailSettings()).send(LETTER)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "smtp.example.org"},
        {"host": "smtp.example.org", "sender": "no address"},
        {"host": "smtp.example.org", "sender": "a@example.org", "security": "none", "user": "a"},
        {"host": "smtp.example.org", "sender": "a@example.org", "password": "a", "password_file": "/b"},
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    """No sender, no address, a password in the clear, or two passwords."""
    with pytest.raises(ValueError, match=r"mail|address|unencrypted|not both"):
        MailSettings.model_validate(given)
