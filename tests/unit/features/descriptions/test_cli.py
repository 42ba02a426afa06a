# SPDX-License-Identifier: Apache-2.0
"""`entrepot description`."""

import json
from pathlib import Path

from entrepot.features.descriptions.cli import description_commands
from entrepot.features.projects.cli import project_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell


def shown(shell: Shell, *place: str) -> dict[str, object]:
    """Return what is said."""
    return dict(json.loads(shell.done(description_commands, "show", *place, "--output", "json")))


def test_what_no_option_names_stays(shell: Shell, tmp_path: Path) -> None:
    """A file brings the description."""
    shell.push("team/app", an_image_manifest(), "1.0")
    file = tmp_path / "README.md"
    file.write_text("# Shop")
    shell.done(description_commands, "set", "team/app", "--file", str(file), "--owner", "group:developers")
    shell.done(description_commands, "set", "team/app", "--summary", "The shop")

    found = shown(shell, "team/app")
    assert (found["summary"], found["text"]) == ("The shop", "# Shop")
    assert found["owner"] == {"kind": "group", "name": "developers"}


def test_an_owner_may_be_a_contact_or_nobody(shell: Shell) -> None:
    """Of a project too."""
    shell.done(project_commands, "create", "team")
    owners = []
    for owner in ("https://chat.example.com/team", ""):
        shell.done(description_commands, "set", "team", "--project", "--owner", owner)
        owners.append(shown(shell, "team", "--project")["owner"])

    assert owners == [{"kind": "contact", "name": "https://chat.example.com/team"}, None]


def test_a_file_that_is_no_text_is_refused(shell: Shell, tmp_path: Path) -> None:
    """Nothing is sent."""
    shell.push("team/app", an_image_manifest(), "1.0")
    file = tmp_path / "image.png"
    file.write_bytes(b"\xff\xfe")

    result = shell(description_commands, "set", "team/app", "--file", str(file))
    assert result.exit_code == 2
    assert "UTF-8" in result.output
