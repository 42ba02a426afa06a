# SPDX-License-Identifier: Apache-2.0
"""`entrepot search`."""

import asyncio
import json

import typer

from entrepot.features.search.cli import search
from entrepot.infra.remote.options import command_group
from tests.builders.manifests import an_image_manifest
from tests.builders.searching import REVISION
from tests.builders.shell import Shell

IMAGE = an_image_manifest()


def a_program() -> typer.Typer:
    """Make a program in which it is a command."""
    program = command_group("entrepot", "")
    program.command()(search)
    return program


def test_what_was_found_is_shown_as_people_write_it(shell: Shell) -> None:
    """A line for each, with the digest where there is one."""
    shell.push("team/app", IMAGE, "abcdef")

    lines = shell.done(a_program(), "search", "app").splitlines()
    tagged = shell.done(a_program(), "search", "app:abc").splitlines()

    assert [line.split() for line in lines] == [["FOUND", "NAME", "DIGEST"], ["repository", "team/app", "-"]]
    assert tagged[1].split() == ["tag", "team/app:abcdef", IMAGE.digest]


def test_it_is_said_that_there_may_be_more(shell: Shell) -> None:
    """To people below the table, to programs in the answer."""
    shell.push("team/app", IMAGE, "1.0", "1.1")

    assert "There may be more" in shell.done(a_program(), "search", "1.", "--limit", "1")
    assert "There may be more" not in shell.done(a_program(), "search", "1.", "--limit", "2")
    answer = json.loads(shell.done(a_program(), "search", "1.", "--limit", "1", "--output", "json"))
    assert (answer["is_complete"], len(answer["tags"])) == (False, 1)


def test_artifacts_are_found_by_what_they_are_with_what_to_pull(shell: Shell) -> None:
    """A qualifier says that it is about that, or the flag does; the reference can be copied as it is."""
    built = an_image_manifest(annotations={REVISION: "abc123def456789"})
    shell.push("team/app", built, "1.0", "latest")
    asyncio.run(shell.application.settle())

    header, line = shell.done(a_program(), "search", "revision:abc123").splitlines()
    answer = json.loads(shell.done(a_program(), "search", "app", "--artifacts", "--output", "json"))

    assert header.split() == ["PUSHED", "TYPE", "TAGS", "COMMIT", "REFERENCE"]
    assert line.split()[1:5] == ["image", "1.0,", "latest", "abc123def456"]
    assert line.split()[5].endswith(f"/team/app@{built.digest}")
    assert answer["total"]["count"] == 1
    assert shell.done(a_program(), "search", "app", "--names").splitlines()[1].startswith("repository")


def test_a_saved_query_is_used_listed_and_deleted(shell: Shell) -> None:
    """What is typed besides narrows it."""
    shell.push("team/app", IMAGE, "1.0")
    asyncio.run(shell.application.settle())
    assert "is saved as mine" in shell.done(a_program(), "search", "type:image", "--save", "mine")

    found = shell.done(a_program(), "search", "tag:1.0", "--saved", "mine").splitlines()
    none = shell.done(a_program(), "search", "tag:2.0", "--saved", "mine").splitlines()
    listed = shell.done(a_program(), "search", "--saved-list").splitlines()

    assert (len(found), len(none)) == (2, 1)
    assert listed[1].split()[:2] == ["mine", "type:image"]
    assert "is deleted" in shell.done(a_program(), "search", "--forget", "mine")
    assert len(shell.done(a_program(), "search", "--saved-list").splitlines()) == 1
