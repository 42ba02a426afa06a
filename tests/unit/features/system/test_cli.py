# SPDX-License-Identifier: Apache-2.0
"""`entrepot system`."""

import asyncio
import json

from entrepot import __version__
from entrepot.features.system.cli import system_commands
from tests.builders.shell import Shell


def test_the_system_is_shown(shell: Shell) -> None:
    """A line for each thing."""
    lines = dict(line.split(maxsplit=1) for line in shell.done(system_commands, "show").splitlines() if line[0] != " ")
    shown = json.loads(shell.done(system_commands, "show", "--output", "json"))

    assert lines["version"] == __version__
    assert shown["database"]["kind"] == shell.application.database.engine_name


def test_processes_are_listed(shell: Shell) -> None:
    """With where each runs."""
    presence = shell.application.instance.presence
    asyncio.run(presence.tell())

    [line] = shell.done(system_commands, "nodes").splitlines()[1:]

    assert line.split()[:3] == [presence.node.host, str(presence.node.pid), __version__]
    assert line.endswith("yes")


def test_keys_are_listed(shell: Shell) -> None:
    """With which of them signs."""
    [line] = shell.done(system_commands, "keys").splitlines()[1:]

    assert line.split()[1] == "ES256"
    assert line.split()[-2:] == ["-", "yes"]
