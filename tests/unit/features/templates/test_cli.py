# SPDX-License-Identifier: Apache-2.0
"""`entrepot template`."""

import json

from entrepot.features.projects.cli import project_commands
from entrepot.features.templates.cli import template_commands
from tests.builders.shell import Shell


def test_a_template_is_set_and_used(shell: Shell) -> None:
    """A project that is made after that starts with it; what was said of its visibility goes before it."""
    what = ("teams", "project", "team-*", "--visibility", "internal", "--grant", "creator=admin")
    shell.done(template_commands, "set", *what)
    shown = json.loads(shell.done(project_commands, "create", "team-a", "--output", "json"))
    private = json.loads(shell.done(project_commands, "create", "team-b", "--private", "--output", "json"))

    assert (shown["visibility"], private["visibility"]) == ("internal", "private")
    assert "creator=admin@**" in shell.done(template_commands, "list")


def test_what_would_count_is_told(shell: Shell) -> None:
    """For the project and for the repository."""
    shell.done(template_commands, "set", "apps", "repository", "team/app-*", "--grant", "creator=maintain")
    told = shell.done(template_commands, "match", "team/app-one")
    document = json.loads(shell.done(template_commands, "match", "team/app-one", "--output", "json"))

    assert "project: no template" in told
    assert "maintain on team/app-one for creator" in told
    assert document["repository"]["template"] == "apps"


def test_a_template_of_a_project_is_shown_and_deleted(shell: Shell) -> None:
    """It is named within the project."""
    shell.done(project_commands, "create", "team")
    own = ("--project", "team")
    shell.done(template_commands, "set", "apps", "repository", "team/**", *own)
    shown = json.loads(shell.done(template_commands, "show", "apps", *own, "--output", "json"))

    assert (shown["project"], shown["grants"]) == ("team", [])
    assert "deleted" in shell.done(template_commands, "delete", "apps", *own, "--yes")
    assert json.loads(shell.done(template_commands, "list", *own, "--output", "json")) == {"items": []}
