# SPDX-License-Identifier: Apache-2.0
"""`entrepot naming`."""

import json

from entrepot.features.naming.cli import naming_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.shell import Shell


def test_rules_are_added_and_removed(shell: Shell) -> None:
    """Each flag may be given more than once."""
    shell.done(project_commands, "create", "team")
    patterns = ("--tag", "v*", "--tag", "main", "--type", "chart", "--repository", "team/*-svc")
    shell.done(naming_commands, "add", "team/**", *patterns, "--project", "team", "--description", "Charts")
    (rule,) = json.loads(shell.done(naming_commands, "list", "--project", "team", "--output", "json"))["rules"]

    assert (rule["tags"], rule["artifact_types"], rule["names"]) == (["v*", "main"], ["chart"], ["team/*-svc"])
    assert "Charts" in shell.done(naming_commands, "list", "--project", "team")
    assert "no rules" in shell.done(naming_commands, "remove", "1", "--project", "team")


def test_there_are_none_at_first(shell: Shell) -> None:
    """Of the registry either."""
    assert "no rules" in shell.done(naming_commands, "list")
