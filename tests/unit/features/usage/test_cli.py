# SPDX-License-Identifier: Apache-2.0
"""`entrepot usage`."""

import asyncio
import json

from entrepot.features.usage.cli import usage_commands
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell
from tests.builders.usage import follow

IMAGE = an_image_manifest()


def count(shell: Shell) -> None:
    """Count what was pulled and pushed."""
    asyncio.run(follow(shell.application))


def push_and_count(shell: Shell) -> None:
    """Push `team/app:1.0`, and count that."""
    shell.push("team/app", IMAGE, "1.0")
    asyncio.run(shell.application.settle())
    count(shell)


def test_pushes_are_shown_by_name(shell: Shell) -> None:
    """A place with a slash is a repository; programs get the API's answer."""
    push_and_count(shell)
    lines = shell.done(usage_commands, "show", "team/app", "--by", "tag", "--since", "2d").splitlines()
    answer = json.loads(shell.done(usage_commands, "show", "team", "--by", "repository", "--output", "json"))

    assert [line.split() for line in lines] == [["NAME", "PULLS", "PUSHES"], ["1.0", "0", "1"]]
    assert [each["name"] for each in answer["items"]] == ["team/app"]


def test_traffic_and_growth_are_shown_by_day(shell: Shell) -> None:
    """In bytes."""
    push_and_count(shell)
    traffic = shell.done(usage_commands, "traffic", "team/app", "--days", "1").splitlines()
    growth = shell.done(usage_commands, "storage", "team", "--days", "1").splitlines()

    size = str(len(A_CONFIG) + len(A_LAYER) + len(IMAGE.payload))
    assert [line.split()[1:] for line in traffic] == [["PUSHED", "BYTES", "SENT", "BYTES"], [size, "0"]]
    assert growth[1].split()[1:] == [size, size]


def test_what_is_cut_is_said(shell: Shell) -> None:
    """There are more names than were asked for."""
    push_and_count(shell)
    shell.push("team/web", IMAGE, "1.0")
    count(shell)
    shown = shell.done(usage_commands, "show", "team", "--by", "repository", "--limit", "1")

    assert "There are more than 1" in shown


def test_a_moment_that_is_none_is_refused(shell: Shell) -> None:
    """By the server, which says what it takes."""
    assert shell(usage_commands, "show", "team/app", "--since", "yesterday").exit_code != 0
