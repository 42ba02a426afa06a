# SPDX-License-Identifier: Apache-2.0
"""`entrepot tag history` and `entrepot tag restore`."""

import asyncio
import json

import pytest

from entrepot.features.history.cli import history_commands
from entrepot.infra.remote.errors import ServerRefused
from entrepot.kernel.errors import AppError
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

OLD, NEW = an_image_manifest(), an_image_manifest(annotations={"version": "new"})


def test_the_newest_change_comes_first(shell: Shell) -> None:
    """Each with who made it, what it points at since and what it pointed at before."""
    shell.push("team/app", OLD, "1.0")
    shell.push("team/app", NEW, "1.0")
    newest, oldest = shell.done(history_commands, "history", "team/app:1.0").splitlines()[1:]

    assert newest.split()[1:] == ["user:admin", "user", NEW.digest, OLD.digest, "no"]
    assert oldest.split()[1:] == ["user:admin", "user", OLD.digest, "-", "yes"]


def test_a_tag_points_at_a_former_value_again(shell: Shell) -> None:
    """The answer tells both."""
    shell.push("team/app", OLD, "1.0")
    shell.push("team/app", NEW, "1.0")
    restored = json.loads(shell.done(history_commands, "restore", "team/app:1.0", OLD.digest, "--output", "json"))

    assert (restored["digest"], restored["previous"]) == (OLD.digest, NEW.digest)


def test_a_deleted_artifact_comes_back(shell: Shell) -> None:
    """The history of a tag that is gone still tells what it pointed at."""
    shell.push("team/app", OLD, "1.0")
    asyncio.run(shell.outside.delete("team/app", OLD.digest))
    assert OLD.digest in shell.done(history_commands, "history", "team/app:1.0", "--limit", "1")
    shell.done(history_commands, "restore", "team/app:1.0", OLD.digest)

    refused = shell(history_commands, "restore", "team/app:1.0", OLD.digest).exception
    assert isinstance(refused, ServerRefused)
    assert refused.reason == "tag_unchanged"


@pytest.mark.parametrize("reference", ["team/app", f"team/app@{OLD.digest}", "Team/app:1.0", "team/app:"])
def test_what_names_no_tag_has_no_history(shell: Shell, reference: str) -> None:
    """That is found before the server is asked."""
    refused = shell(history_commands, "history", reference).exception

    assert isinstance(refused, AppError)
    assert not isinstance(refused, ServerRefused)
