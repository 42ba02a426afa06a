# SPDX-License-Identifier: Apache-2.0
"""`entrepot garbage`."""

import json

import pytest
from typer.testing import CliRunner

from entrepot.entry.cli import application
from entrepot.features.artifacts.cli import artifact_commands
from entrepot.features.garbage.cli import garbage_commands
from entrepot.features.garbage.models import Task
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE = an_image_manifest()
BYTES = len(A_CONFIG) + len(A_LAYER)
REFERENCE = f"team/app@{IMAGE.digest}"


def test_the_status_says_why_bytes_stay(shell: Shell) -> None:
    """The grace is one line, with its reasons; programs get the API's answer."""
    lines = shell.done(garbage_commands, "status").splitlines()

    [grace] = [line for line in lines if line.startswith("grace")]
    assert "10 minutes, because a download that began before" in grace
    assert json.loads(shell.done(garbage_commands, "status", "--output", "json"))["grace"]["minutes"] == 10


def test_a_preview_changes_nothing(shell: Shell) -> None:
    """It tells what a run would do; `run --dry-run` is the same."""
    preview = shell.done(garbage_commands, "preview")

    assert "is complete" in preview
    assert shell.done(garbage_commands, "run", "--dry-run") == preview


def test_a_run_is_begun(shell: Shell) -> None:
    """The job that does it is told."""
    told = shell.done(garbage_commands, "run")
    started = json.loads(shell.done(garbage_commands, "run", "--output", "json"))

    assert f"entrepot job show {started['job']}" in told


@pytest.mark.parametrize("task", Task)
def test_each_task_is_begun_by_name(shell: Shell, task: Task) -> None:
    """Sweeping and reading again are begun like collecting."""
    assert "It is begun" in shell.done(garbage_commands, "run", "--task", task.value)


def test_collection_is_paused_and_resumed(shell: Shell) -> None:
    """The status shows it meanwhile."""
    shell.done(garbage_commands, "pause")
    paused = json.loads(shell.done(garbage_commands, "status", "--output", "json"))["paused"]
    shell.done(garbage_commands, "resume")

    assert paused["by"] == "user:admin"
    assert json.loads(shell.done(garbage_commands, "status", "--output", "json"))["paused"] is None


def test_runs_are_listed(shell: Shell) -> None:
    """There is a heading while there is no run, and an unknown one is refused."""
    assert shell.done(garbage_commands, "runs").split()[:2] == ["ID", "STATE"]
    assert shell(garbage_commands, "show", "01KA7Q8B4H3M5V9XEYD2T6RZNW").exit_code != 0


def test_storage_is_listed_by_project(shell: Shell) -> None:
    """A line for each."""
    shell.push("team/app", IMAGE, "1.0")

    [line] = shell.done(garbage_commands, "storage").splitlines()[1:]

    assert line.split() == ["team", str(BYTES), "0", "0", "0", "0"]


def test_a_deletion_is_previewed(shell: Shell) -> None:
    """`artifact delete --preview` tells what it would free, and deletes nothing."""
    shell.push("team/app", IMAGE, "1.0")

    told = json.loads(shell.done(artifact_commands, "delete", REFERENCE, "--preview", "--output", "json"))

    assert told["freed_bytes"] == BYTES
    assert str(IMAGE.digest) in shell.done(artifact_commands, "list", "team/app")


def test_a_deletion_tells_what_it_frees(shell: Shell) -> None:
    """When, and how much."""
    shell.push("team/app", IMAGE, "1.0")

    told = shell.done(artifact_commands, "delete", REFERENCE, "--yes")

    assert f"{BYTES} bytes are freed" in told


def test_an_artifact_is_freed_now(shell: Shell) -> None:
    """`artifact delete --free-now` says what went, and what a restored backup lacks."""
    shell.push("team/app", IMAGE, "1.0")

    told = shell.done(artifact_commands, "delete", REFERENCE, "--free-now", "--yes")

    assert f"is gone, {BYTES} bytes with it" in told
    assert "restored from a backup of before" in told


def test_gc_is_short_for_garbage() -> None:
    """The alias has the same commands, and is not listed."""
    listed = CliRunner().invoke(application, ["--help"]).output

    assert CliRunner().invoke(application, ["gc", "--help"]).exit_code == 0
    assert "garbage" in listed
    assert "│ gc " not in listed
