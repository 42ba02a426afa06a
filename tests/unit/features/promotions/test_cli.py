# SPDX-License-Identifier: Apache-2.0
"""`entrepot promote` and `entrepot promotions`."""

import asyncio
import json
from typing import Any

import pytest
import typer

from entrepot.features.promotions.cli import promote
from entrepot.features.promotions.cli import promotion_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE = an_image_manifest()
JSON = ("--output", "json")
PATH = ("paths", "set", "prod/release", "--from", "dev")


@pytest.fixture
def top() -> typer.Typer:
    """The command that stands by itself."""
    top = typer.Typer()
    top.command()(promote)
    return top


@pytest.fixture
def registry(shell: Shell) -> Shell:
    """Two projects, and a path between them on which one has to approve."""
    shell.push("dev/app", IMAGE, "1.0")
    shell.push("prod/other", IMAGE, "1.0")
    asyncio.run(shell.application.settle())
    shell.done(promotion_commands, *PATH, "--approvals", "1", "--approver", "admin", "--own-request-counts")
    return shell


def told(shell: Shell, group: typer.Typer, *arguments: str) -> Any:
    """Run a command, and return what it says."""
    return json.loads(shell.done(group, *arguments, *JSON))


def test_a_path_is_made_shown_listed_and_deleted(registry: Shell) -> None:
    """A path is called by the project that it leads into, and its name."""
    shown = told(registry, promotion_commands, "paths", "show", "prod/release")
    listed = told(registry, promotion_commands, "paths", "list")["items"]

    assert (shown["source"], shown["approvals"], shown["approvers"]) == ("dev", 1, ["user:admin"])
    assert [each["path"] for each in listed] == ["prod/release"]
    assert registry(promotion_commands, "paths", "delete", "prod/release").exit_code != 0
    registry.done(promotion_commands, "paths", "delete", "prod/release", "--yes")
    assert told(registry, promotion_commands, "paths", "list")["items"] == []
    assert registry(promotion_commands, "paths", "show", "release").exit_code != 0


def test_a_promotion_is_asked_for_and_approved(registry: Shell, top: typer.Typer) -> None:
    """It waits for whoever approves, and is listed for them."""
    asked = told(registry, top, "dev/app:1.0", "--path", "prod/release", "--note", "Tested")
    waiting = told(registry, promotion_commands, "list", "--waiting-for-me")["items"]
    approved = told(registry, promotion_commands, "approve", asked["id"], "--note", "Agreed")

    assert (asked["state"], asked["target"], asked["note"]) == ("waiting", "prod/app", "Tested")
    assert [each["id"] for each in waiting] == [asked["id"]]
    assert (approved["state"], approved["decisions"][0]["note"]) == ("running", "Agreed")
    for arguments in (("prod/app",), ("--state", "running"), ()):
        listed = told(registry, promotion_commands, "list", *arguments)["items"]
        assert [each["id"] for each in listed] == [asked["id"]]
    assert told(registry, promotion_commands, "show", asked["id"])["id"] == asked["id"]


def test_a_promotion_is_refused_or_withdrawn(registry: Shell, top: typer.Typer) -> None:
    """And may be asked for again."""
    ask = (f"dev/app@{IMAGE.digest}", "--path", "prod/release")
    refused = told(registry, promotion_commands, "refuse", told(registry, top, *ask)["id"], "--note", "Not yet")
    withdrawn = told(registry, promotion_commands, "withdraw", told(registry, top, *ask)["id"])

    assert (refused["state"], refused["reason"]) == ("refused", "Not yet")
    assert withdrawn["state"] == "withdrawn"


def test_a_dry_run_tells_what_would_come(registry: Shell, top: typer.Typer) -> None:
    """And asks for nothing."""
    said = registry.done(top, "dev/app:1.0", "--path", "prod/release", "--dry-run")

    assert "prod/app" in said
    assert told(registry, top, "dev/app:1.0", "--path", "prod/release", "--dry-run")["new_manifests"] == 1
    assert "no promotions" in registry(promotion_commands, "list").output
