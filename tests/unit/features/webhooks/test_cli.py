# SPDX-License-Identifier: Apache-2.0
"""`entrepot webhooks`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from entrepot.features.webhooks.cli import webhook_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell
from tests.builders.shell import served
from tests.builders.webhooks import an_application_that_sends
from tests.builders.webhooks import deliver
from tests.builders.webhooks import deliverer_of
from tests.fakes.receiver import Receiver
from tests.fakes.receiver import is_signed
from tests.fakes.scripted_server import Scripted

OF_TEAM = ("--project", "team")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Hold a shell beside an application that may send to the loopback address, with a project."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with an_application_that_sends(tmp_path) as application, served(application.server) as url:
        shell = Shell(application, url, tmp_path)
        shell.push("team/app", an_image_manifest(), "0.9")
        asyncio.run(application.settle())
        yield shell
        asyncio.run(deliverer_of(application).leave())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who is told."""
    receiver = Receiver()
    with receiver.running():
        yield receiver


def create(shell: Shell, receiver: Receiver, *more: str) -> Any:
    """Make a webhook of the project; return it with its secret."""
    arguments = ("create", "deploy", *OF_TEAM, "--url", receiver.url, "--event", "tag.*", *more, "--output", "json")
    return json.loads(shell.done(webhook_commands, *arguments))


def shown(shell: Shell, command: str, *more: str) -> Any:
    """Return what a command tells programs."""
    return json.loads(shell.done(webhook_commands, command, *more, *OF_TEAM, "--output", "json"))


def happen(shell: Shell) -> None:
    """Let a tag be set, and attempt whatever is due."""

    async def both() -> None:
        """Do it in one loop."""
        await deliver(shell.application)
        await deliverer_of(shell.application).leave()

    shell.push("team/app", an_image_manifest(annotations={"a": "b"}), "1.0")
    asyncio.run(both())


def test_the_secret_is_shown_once(shell: Shell, receiver: Receiver) -> None:
    """When it is made, and never again."""
    made = create(shell, receiver)
    printed = shell.done(webhook_commands, "list", *OF_TEAM) + shell.done(webhook_commands, "show", "deploy", *OF_TEAM)

    assert made["secret"].startswith("whsec_")
    assert "deploy" in printed
    assert made["secret"] not in printed


def test_what_is_not_given_stays(shell: Shell, receiver: Receiver) -> None:
    """A change is of what the options say."""
    create(shell, receiver, "--path", "team/app")
    changed = shown(shell, "set", "deploy", "--event", "tag.moved", "--format", "slack")

    assert (changed["events"], changed["paths"], changed["format"]) == (["tag.moved"], ["team/app"], "slack")


def test_a_template_is_read_from_a_file(shell: Shell, receiver: Receiver, tmp_path: Path) -> None:
    """And is not carried on into a format that takes none; headers stay secret."""
    file = tmp_path / "page.json"
    file.write_text('{"summary": "{{ subject }}"}')
    made = create(shell, receiver, "--template", str(file), "--header", "Authorization=Token x")
    changed = shown(shell, "set", "deploy", "--format", "teams")

    assert (made["format"], made["template"]) == ("template", file.read_text())
    assert "Token x" not in json.dumps(made)
    assert (changed["format"], changed["template"]) == ("teams", "")


def test_a_test_shows_what_was_sent_and_answered(shell: Shell, receiver: Receiver) -> None:
    """The request, the status and the answer."""
    made = create(shell, receiver)
    printed = shell.done(webhook_commands, "test", "deploy", *OF_TEAM)

    assert "webhook.tested" in printed
    assert "Answered: 200" in printed
    assert "thanks" in printed
    assert is_signed(receiver.asked[0], made["secret"])


def test_deliveries_are_listed_shown_and_sent_again(shell: Shell, receiver: Receiver) -> None:
    """By their ids, which stay."""
    create(shell, receiver)
    happen(shell)
    [delivery] = shown(shell, "deliveries", "deploy", "--state", "delivered")["items"]
    one = shell.done(webhook_commands, "deliveries", "deploy", delivery["id"], *OF_TEAM)
    again = shown(shell, "redeliver", "deploy", delivery["id"])

    assert (delivery["subject"], delivery["status"], delivery["attempts"]) == ("team/app:1.0", 200, 1)
    assert "Answered: 200" in one
    assert (again["id"], again["state"]) == (delivery["id"], "due")


def test_what_was_given_up_is_sent_again_since_a_moment(shell: Shell, receiver: Receiver) -> None:
    """All of it; and something has to be named."""
    create(shell, receiver)
    receiver.answer = Scripted(410, b"gone")
    happen(shell)

    assert shown(shell, "redeliver", "deploy", "--failed-since", "2026-01-01T00:00:00Z") == {"deliveries": 1}
    assert shell(webhook_commands, "redeliver", "deploy", *OF_TEAM).exit_code != 0


def test_a_paused_webhook_sends_when_it_is_resumed(shell: Shell, receiver: Receiver) -> None:
    """What happens meanwhile waits."""
    create(shell, receiver)
    shell.done(webhook_commands, "pause", "deploy", *OF_TEAM, "--reason", "maintenance")
    happen(shell)
    assert (receiver.asked, shown(shell, "show", "deploy")["is_paused"]) == ([], True)

    shell.done(webhook_commands, "resume", "deploy", *OF_TEAM)
    happen(shell)

    assert receiver.subjects == ["team/app:1.0"]


def test_a_new_secret_signs_beside_the_old_one(shell: Shell, receiver: Receiver) -> None:
    """Until the overlap ends."""
    old = create(shell, receiver)["secret"]
    new = shown(shell, "rotate", "deploy", "--overlap-minutes", "60")["secret"]
    happen(shell)

    assert old != new
    assert all(is_signed(receiver.asked[0], secret) for secret in (old, new))


def test_deleting_takes_a_yes(shell: Shell, receiver: Receiver) -> None:
    """Then it is gone; what there is not is told."""
    create(shell, receiver)

    assert shell(webhook_commands, "delete", "deploy", *OF_TEAM).exit_code != 0
    assert "is deleted" in shell.done(webhook_commands, "delete", "deploy", *OF_TEAM, "--yes")
    assert "no webhook deploy" in shell(webhook_commands, "show", "deploy", *OF_TEAM).output
