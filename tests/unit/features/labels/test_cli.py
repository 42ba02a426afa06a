# SPDX-License-Identifier: Apache-2.0
"""`entrepot label` and `entrepot note`."""

import json

from entrepot.features.artifacts.cli import artifact_commands
from entrepot.features.labels.cli import label_commands
from entrepot.features.labels.cli import note_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE, OTHER = an_image_manifest(), an_image_manifest(annotations={"number": "2"})


def test_labels_are_set_listed_and_removed(shell: Shell) -> None:
    """Of what a tag points at, or of a digest."""
    shell.push("team/app", IMAGE, "1.0")
    shell.done(label_commands, "set", "team/app:1.0", "stage=production", "example.com/team=shop", "empty=")

    listed = json.loads(shell.done(label_commands, "list", f"team/app@{IMAGE.digest}", "--output", "json"))["items"]
    assert {each["key"]: each["value"] for each in listed} == {
        "empty": "",
        "example.com/team": "shop",
        "stage": "production",
    }
    left = shell.done(label_commands, "remove", "team/app:1.0", "stage", "empty")
    assert "shop" in left
    assert "production" not in left


def test_a_label_without_a_value_is_asked_about(shell: Shell) -> None:
    """Whether it is to have none, or an equals sign was forgotten."""
    result = shell(label_commands, "set", "team/app:1.0", "stage")

    assert result.exit_code == 2
    assert "stage=" in result.output


def test_artifacts_are_found_by_labels(shell: Shell) -> None:
    """With the list of artifacts."""
    for image, tag in ((IMAGE, "1.0"), (OTHER, "2.0")):
        shell.push("team/app", image, tag)
    shell.done(label_commands, "set", "team/app:2.0", "stage=test")

    found = shell.done(artifact_commands, "list", "team/app", "--label", "stage=test", "--output", "json")
    assert [each["digest"] for each in json.loads(found)["items"]] == [OTHER.digest]


def test_notes_are_written_changed_and_deleted(shell: Shell) -> None:
    """By their ids."""
    shell.push("team/app", IMAGE, "1.0")
    note = json.loads(shell.done(note_commands, "write", "team/app:1.0", "one", "--output", "json"))["id"]
    shell.done(note_commands, "change", "team/app:1.0", note, "two")

    assert "two" in shell.done(note_commands, "list", "team/app:1.0")
    shell.done(note_commands, "delete", "team/app:1.0", note, "--yes")
    assert "two" not in shell.done(note_commands, "list", "team/app:1.0")
