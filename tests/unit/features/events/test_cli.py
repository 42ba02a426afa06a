# SPDX-License-Identifier: Apache-2.0
"""`entrepot events`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from entrepot.features.events.cli import events
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell
from tests.builders.shell import a_shell

GROUP = typer.Typer()
GROUP.command("events")(events)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Hold a shell beside an empty application."""
    with a_shell(tmp_path) as shell:
        yield shell


def test_a_line_says_what_happened(shell: Shell) -> None:
    """When, what, to what and who; the oldest first."""
    digest = shell.push("team/app", an_image_manifest(), "1.0")
    lines = [line.split() for line in shell.done(GROUP).splitlines()]

    assert [line[1:] for line in lines] == [
        ["repository.created", "team/app", "user:admin"],
        ["manifest.pushed", f"team/app:1.0@{digest}", "user:admin"],
        ["tag.moved", f"team/app:1.0@{digest}", "user:admin"],
    ]


def test_use_is_told_by_what_was_used(shell: Shell) -> None:
    """How often it was pulled, and by which tag."""
    digest = shell.push("team/app", an_image_manifest(), "1.0")
    asyncio.run(shell.outside.get("/v2/team/app/manifests/1.0"))
    asyncio.run(shell.application.core.facts.flush())
    told = shell.done(GROUP, "--type", "content.used")

    assert told.split()[1:] == ["content.used", f"team/app:1.0@{digest}", "pulled", "1", "times"]


def test_programs_get_an_object_on_each_line(shell: Shell) -> None:
    """As the API sends it; options leave out what is not wanted."""
    shell.push("team/app", an_image_manifest(), "1.0")
    shell.push("other/app", an_image_manifest(), "1.0")
    lines = shell.done(GROUP, "--project", "team", "--type", "tag.moved", "--output", "json").splitlines()

    assert [(json.loads(line)["repository"], json.loads(line)["tag"]) for line in lines] == [("team/app", "1.0")]


def test_only_so_many_are_looked_back_to(shell: Shell) -> None:
    """With `--last`; none with 0."""
    shell.push("team/app", an_image_manifest(), "1.0")

    assert shell.done(GROUP, "--last", "1").split()[1] == "tag.moved"
    assert shell.done(GROUP, "--last", "0") == ""


def test_a_type_that_is_none_is_refused(shell: Shell) -> None:
    """In the words of the server."""
    refused = shell(GROUP, "--type", "tag.lost").exception

    assert isinstance(refused, ServerRefused)
    assert "tag.moved" in refused.message


def test_a_mode_is_told_with_what_it_is_of(shell: Shell) -> None:
    """The registry, or the project by its name, and which mode begins."""
    shell.push("team/app", an_image_manifest(), "1.0")
    for target in ("/api/v1/modes", "/api/v1/projects/team/mode"):
        asyncio.run(shell.outside.send_json("PUT", target, {"mode": "no-delete", "reason": ""}))
    lines = shell.done(GROUP, "--type", "mode.changed").splitlines()

    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "the registry: no-delete  user:admin",
        "team: no-delete  user:admin",
    ]


def test_cloud_events_are_an_object_on_each_line(shell: Shell) -> None:
    """Whatever output was asked for."""
    shell.push("team/app", an_image_manifest(), "1.0")
    lines = shell.done(GROUP, "--format", "cloudevents", "--type", "tag.moved").splitlines()
    [told] = [json.loads(line) for line in lines]

    assert (told["specversion"], told["type"], told["subject"]) == ("1.0", "entrepot.tag.created", "team/app:1.0")
