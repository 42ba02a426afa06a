# SPDX-License-Identifier: Apache-2.0
"""`entrepot retention`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import Thread

import pytest

from entrepot.features.retention.cli import retention_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

PULL_REQUESTS = {"name": "pr", "effect": "delete-artifacts", "selection": {"tags": ["pr-*"]}}


@pytest.fixture
def filled(shell: Shell) -> Shell:
    """A shell beside a registry with images."""
    for number, tag in enumerate(("1.0", "pr-1", "pr-2")):
        shell.push("team/app", an_image_manifest(annotations={"number": str(number)}), tag)
    asyncio.run(shell.application.settle())
    return shell


@pytest.fixture
def working(filled: Shell) -> Iterator[Shell]:
    """The same, and jobs are done as they come."""
    ended = Event()

    def work() -> None:
        while not ended.wait(0.05):
            asyncio.run(filled.application.settle())

    thread = Thread(target=work)
    thread.start()
    yield filled
    ended.set()
    thread.join()


def test_rules_are_set_planned_and_carried_out(working: Shell, tmp_path: Path) -> None:
    """Each step says what it found."""
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"rules": [PULL_REQUESTS], "cron": "0 3 * * *"}))
    shown = working.done(retention_commands, "set", "--project", "team", "--file", str(policy))
    assert "pr" in shown
    assert "0 3 * * *" in shown

    plan = json.loads(working.done(retention_commands, "plan", "--project", "team", "--output", "json"))
    assert (plan["state"], plan["deletions"]) == ("planned", 2)
    steps = working.done(retention_commands, "steps", plan["id"], "--project", "team")
    assert "pr-1" in steps
    run = working.done(retention_commands, "run", plan["id"], "--project", "team", "--yes", "--output", "json")
    assert (json.loads(run)["state"], json.loads(run)["done"]) == ("done", 2)
    assert plan["id"] in working.done(retention_commands, "plans", "--project", "team")
    assert "1.0" in working.done(retention_commands, "explain", "team/app")


def test_rules_are_tried(filled: Shell) -> None:
    """Presets too; a preset that there is none of is refused with those that there are."""
    assert "pull-requests" in filled.done(retention_commands, "presets")
    tried = filled.done(retention_commands, "preview", "--repository", "team/app", "--preset", "releases")
    assert "0 of 3" in tried
    wrong = filled(retention_commands, "preview", "--project", "team", "--preset", "none")
    assert (wrong.exit_code, "ci-cache" in wrong.output) == (2, True)
    assert "untagged" in filled.done(retention_commands, "show", "--project", "team")
    filled.done(retention_commands, "remove", "--project", "team", "--yes")
    assert filled(retention_commands, "show", "--project", "team").exit_code != 0


def test_a_policy_of_another_registry_is_read(filled: Shell) -> None:
    """And compared with what is there."""
    selection = {"tagStatus": "tagged", "tagPrefixList": ["pr"], "countType": "imageCountMoreThan", "countNumber": 1}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    told = filled.done(
        retention_commands,
        "import",
        "ecr",
        "--repository",
        "team/app",
        "--file",
        "-",
        typed=json.dumps({"rules": [rule]}),
    )
    assert "ecr-1" in told
    assert "0 of 3" in told


def test_a_tag_is_told_when_to_go(filled: Shell) -> None:
    """In so long, at a time, or never."""
    told = json.loads(filled.done(retention_commands, "expire", "team/app:pr-1", "--in", "7d", "--output", "json"))
    assert (told["source"], told["expires_at"] is None) == ("somebody", False)
    told = json.loads(filled.done(retention_commands, "expire", "team/app:pr-1", "--never", "--output", "json"))
    assert (told["source"], told["expires_at"]) == ("somebody", None)
    told = json.loads(filled.done(retention_commands, "expire", "team/app:pr-1", "--forget", "--output", "json"))
    assert told["source"] == "nobody"
    assert filled(retention_commands, "expire", "team/app:pr-1", "--never", "--in", "7d").exit_code == 2
