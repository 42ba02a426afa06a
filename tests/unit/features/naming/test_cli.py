# SPDX-License-Identifier: Apache-2.0
"""`entrepot naming`."""

import json
from pathlib import Path

from entrepot.features.naming.cli import naming_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.manifests import an_image_manifest
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


def test_what_is_listed_can_be_set(shell: Shell, tmp_path: Path) -> None:
    """A file of rules is the same for every project and registry."""
    shell.done(naming_commands, "add", "**", "--tag", "v*")
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": json.loads(shell.done(naming_commands, "list", "--output", "json"))["rules"]}))
    shell.done(naming_commands, "remove", "1")

    assert "v*" in shell.done(naming_commands, "set", "--file", str(file))
    file.write_text("[]")
    assert shell(naming_commands, "set", "--file", str(file)).exit_code == 2


def test_a_rule_is_looked_at_before_it_is_set(shell: Shell) -> None:
    """What is there and would be refused is listed, page after page."""
    shell.push("team/app", an_image_manifest(), "v1", "nightly", "test")

    found = shell.done(naming_commands, "preview", "team/**", "--tag", "v*", "--project", "team", "--output", "json")
    assert [each["tag"] for each in json.loads(found)["items"]] == ["nightly", "test"]
    assert "as the rule wants" in shell.done(naming_commands, "preview", "**", "--tag", "v*", "--tag", "*t*")
    assert "no rules" in shell.done(naming_commands, "list")


def test_a_name_is_explained(shell: Shell) -> None:
    """Of a repository, or of a tag."""
    shell.push("team/app", an_image_manifest(), "v1")
    shell.done(naming_commands, "add", "team/**", "--tag", "v*", "--project", "team")

    assert "wants new tags to be called v*" in shell.done(naming_commands, "explain", "team/app:nightly")
    assert "wants new" not in shell.done(naming_commands, "explain", "team/app")
