# SPDX-License-Identifier: Apache-2.0
"""`entrepot immutability`."""

import json
from pathlib import Path

import pytest

from entrepot.features.immutability.cli import immutability_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE = an_image_manifest()


def rules_of(shell: Shell) -> list[str]:
    """Return the rules of a project, each as tags and effect."""
    listed = json.loads(shell.done(immutability_commands, "list", "--project", "team", "--output", "json"))
    return [f"{each['tags']} {each['effect']}" for each in listed["rules"]]


def test_rules_are_added_in_their_place_and_removed(shell: Shell) -> None:
    """At the end unless a number is given."""
    shell.done(project_commands, "create", "team")
    add = ("add", "--project", "team")
    shell.done(immutability_commands, *add, "immutable", "team/**", "--until", "90d", "--description", "Releases")
    shell.done(immutability_commands, *add, "mutable", "team/**", "--tags", "latest", "--number", "1")

    assert rules_of(shell) == ["latest mutable", "* immutable"]
    assert "Releases" in shell.done(immutability_commands, "remove", "1", "--project", "team")
    assert rules_of(shell) == ["* immutable"]


def test_what_is_listed_can_be_set(shell: Shell, tmp_path: Path) -> None:
    """A file of rules is the same for every project and registry."""
    shell.done(immutability_commands, "add", "forward", "**", "--tags", "latest", "--binding")
    file = tmp_path / "rules.json"
    file.write_text(shell.done(immutability_commands, "list", "--output", "json"))
    shell.done(immutability_commands, "remove", "1")

    assert "no rules" in shell.done(immutability_commands, "list")
    file.write_text(json.dumps({"rules": json.loads(file.read_text())["rules"]}))
    assert "forward" in shell.done(immutability_commands, "set", "--file", str(file))


def test_nothing_is_there_to_match(shell: Shell) -> None:
    """A preview says so."""
    shell.done(project_commands, "create", "team")

    assert "No tag" in shell.done(immutability_commands, "preview", "team/**", "--project", "team")


def test_a_tag_is_explained_and_overridden(shell: Shell) -> None:
    """The rule that decides is named, and counts again once the override is taken back."""
    shell.push("team/app", IMAGE, "1.0")
    shell.done(immutability_commands, "add", "immutable", "team/**", "--project", "team")
    shell.done(immutability_commands, "override", "team/app:1.0", "--reason", "wrong branch", "--until", "30m")
    overridden = json.loads(shell.done(immutability_commands, "explain", "team/app:1.0", "--output", "json"))
    shell.done(immutability_commands, "end-override", "team/app:1.0")
    explained = shell.done(immutability_commands, "explain", "team/app:1.0")

    assert (overridden["move"], overridden["override"]["reason"]) == ("kept", "wrong branch")
    assert "Rule 1 of team (* in team/**: immutable) decides" in explained
    assert "wrong branch" not in explained


def test_a_preview_lists_tags_and_what_decides_now(shell: Shell) -> None:
    """Those that match."""
    shell.push("team/app", IMAGE, "1.0", "latest")
    shell.done(immutability_commands, "add", "forward", "team/**", "--tags", "latest", "--project", "team")
    lines = shell.done(immutability_commands, "preview", "team/**", "--project", "team").splitlines()

    assert [line.split() for line in lines[1:]] == [
        ["team/app", "1.0", "-", "-"],
        ["team/app", "latest", "forward", "1"],
    ]


@pytest.mark.parametrize("content", ["no JSON", "[]"])
def test_a_file_without_rules_is_refused(shell: Shell, tmp_path: Path, content: str) -> None:
    """Before the server is asked; so is one that is not there, and a rule that there is not."""
    file = tmp_path / "rules.json"
    file.write_text(content)

    assert shell(immutability_commands, "set", "--file", str(file)).exit_code == 2
    assert shell(immutability_commands, "set", "--file", str(tmp_path / "absent")).exit_code == 2
    assert shell(immutability_commands, "remove", "1").exit_code == 2
