# SPDX-License-Identifier: Apache-2.0
"""`entrepot quota`."""

import json
from typing import Any

from entrepot.features.projects.cli import project_commands
from entrepot.features.quotas.cli import quota_commands
from tests.builders.shell import Shell


def shown(shell: Shell, *arguments: str) -> Any:
    """Return what `entrepot quota show` answers programs."""
    return json.loads(shell.done(quota_commands, "show", *arguments, "--output", "json"))


def test_a_quota_is_set_shown_and_removed(shell: Shell) -> None:
    """What is not named stays as it is."""
    shell.done(project_commands, "create", "team")
    shell.done(quota_commands, "set", "team", "--size", "50GB", "--tags", "500", "--warn-at", "70", "--contact", "me")
    told = shell.done(quota_commands, "set", "team", "--artifacts", "9", "--tags", "unlimited")

    assert "50 GB" in told
    assert shown(shell, "team")["quota"] == {
        "limits": {"bytes": 50 * 10**9, "artifacts": 9, "repositories": None, "tags": None},
        "thresholds": [70],
        "contact": "me",
    }
    shell.done(quota_commands, "remove", "team")
    assert shown(shell, "team")["quota"] is None


def test_projects_without_their_own_have_the_default(shell: Shell) -> None:
    """Their own begins with nothing of it."""
    shell.done(project_commands, "create", "team")
    assert "have no limit" in shell.done(quota_commands, "show")
    assert "1.5 TB" in shell.done(quota_commands, "set", "--size", "1.5TB")
    assert shown(shell, "team")["is_own"] is False
    shell.done(quota_commands, "set", "team", "--tags", "5")

    assert shown(shell, "team")["quota"]["limits"] == {
        "bytes": None,
        "artifacts": None,
        "repositories": None,
        "tags": 5,
    }


def test_the_list_tells_who_uses_how_much(shell: Shell) -> None:
    """Projects with a quota of their own are on it before anything is pushed; so are users."""
    shell.done(project_commands, "create", "team")
    shell.done(quota_commands, "set", "team", "--size", "10GiB")
    shell.done(quota_commands, "set", "jane", "--user", "--artifacts", "3")

    assert "10.73 GB" in shell.done(quota_commands, "list")
    assert "0 of 3" in shell.done(quota_commands, "list", "--kind", "user")
    assert "jane" in shell.done(quota_commands, "show", "jane", "--user")


def test_the_last_check_is_shown(shell: Shell) -> None:
    """And one is begun if that is wanted."""
    assert "counts everything anew" in shell.done(quota_commands, "check", "--now")
    assert "repaired" in shell.done(quota_commands, "check")


def test_what_makes_no_sense_is_refused(shell: Shell) -> None:
    """Before anything is asked for."""
    said = [
        shell(quota_commands, *arguments)
        for arguments in (
            ("set", "--size", "much"),
            ("set", "--tags", "-1"),
            ("show", "x", "--user", "--robot"),
            ("show", "--user"),
        )
    ]

    assert all(result.exit_code for result in said)
    assert "no size" in str(said[0].exception) + said[0].output
