# SPDX-License-Identifier: Apache-2.0
"""`entrepot modes`."""

import json

from entrepot.features.modes.cli import mode_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.shell import Shell


def test_a_mode_is_set_and_shown(shell: Shell) -> None:
    """Of the registry, with its reason."""
    shell.done(mode_commands, "set", "read-only", "--reason", "moving")

    shown = json.loads(shell.done(mode_commands, "show", "--output", "json"))

    assert (shown["mode"], shown["reason"], shown["in_force"]["scope"]) == ("read-only", "moving", "instance")


def test_the_mode_of_a_project_is_its_own(shell: Shell) -> None:
    """It changes nothing elsewhere."""
    shell.done(project_commands, "create", "team")

    shell.done(mode_commands, "set", "no-delete", "--project", "team")

    modes = [json.loads(shell.done(mode_commands, "show", *where, "--output", "json"))["mode"] for where in ARGUMENTS]
    assert modes == ["rw", "no-delete"]


ARGUMENTS = ((), ("--project", "team"))
