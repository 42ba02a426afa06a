# SPDX-License-Identifier: Apache-2.0
"""`entrepot search`."""

import json

import typer

from entrepot.features.search.cli import search
from entrepot.infra.remote.options import command_group
from tests.builders.manifests import an_image_manifest
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
