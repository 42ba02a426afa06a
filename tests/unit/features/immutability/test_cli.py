# SPDX-License-Identifier: Apache-2.0
"""`entrepot immutability`."""

import json
from pathlib import Path

from entrepot.features.immutability.cli import immutability_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.shell import Shell


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
