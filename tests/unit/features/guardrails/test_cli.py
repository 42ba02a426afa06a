# SPDX-License-Identifier: Apache-2.0
"""`entrepot guardrail`."""

import json

from entrepot.features.guardrails.cli import guardrail_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.shell import Shell


def test_a_guardrail_is_tried_and_then_enforced(shell: Shell) -> None:
    """It simulates at first; what violates it already is told each time."""
    shell.done(project_commands, "create", "team", "--public")
    made = shell.done(guardrail_commands, "create", "closed", "no-public", "team/**", "--reason", "nothing leaves")
    enforced = json.loads(shell.done(guardrail_commands, "enforce", "closed", "--output", "json"))

    assert "simulate" in made
    assert "project:team" in made
    assert enforced["guardrail"]["mode"] == "enforce"
    assert enforced["violations"]["items"] == [{"object": "project:team", "what": "is public"}]


def test_names_are_given_one_by_one(shell: Shell) -> None:
    """A preview says what would be wrong, and sets nothing."""
    preview = shell.done(guardrail_commands, "preview", "naming", "**", "--repository", "team/*", "--tag", "v*")

    assert "Nothing violates it." in preview
    assert json.loads(shell.done(guardrail_commands, "list", "--output", "json")) == {"items": []}


def test_an_exception_is_given_listed_and_ended(shell: Shell) -> None:
    """It names its end, and whom or what it is for."""
    shell.done(guardrail_commands, "create", "only-ci", "push-by-machines", "**", "--mode", "enforce")
    what = ("--path", "team/**", "--reason", "moving", "--until", "12h", "--output", "json")
    given = json.loads(shell.done(guardrail_commands, "exempt", "only-ci", *what))
    shell.done(guardrail_commands, "end-exception", "only-ci", given["id"])

    assert given["path_pattern"] == "team/**"
    assert json.loads(shell.done(guardrail_commands, "exceptions", "only-ci", "--output", "json")) == {"items": []}


def test_a_guardrail_is_deleted(shell: Shell) -> None:
    """With all that it would have refused, of which there is nothing here."""
    shell.done(guardrail_commands, "create", "one", "second-factor", "**")
    simulated = shell.done(guardrail_commands, "simulated", "one", "--output", "json")

    assert json.loads(simulated) == {"items": [], "others": 0}
    assert "deleted" in shell.done(guardrail_commands, "delete", "one", "--yes")
