# SPDX-License-Identifier: Apache-2.0
"""`entrepot token`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.cli import token_commands
from entrepot.features.tokens.keys import SigningKeyUnreadable
from entrepot.kernel.clock import system_clock
from entrepot.registry.platform import DataFolder
from entrepot.registry.platform import OpenDataFolder
from tests.builders.instance import Instance


@pytest.fixture
def open_data_folder(instance: Instance, tmp_path: Path) -> OpenDataFolder:
    """What hands the instance to a command, once its keys are sealed by the instance key of the folder."""
    instance.clock.now = system_clock()
    instance.end_signing_keys()
    load_signing_keys(instance.database, load_instance_key(tmp_path), instance.clock)

    @contextmanager
    def open_data_folder(_data: Path | None) -> Iterator[DataFolder]:
        yield DataFolder(tmp_path, instance.database)

    return open_data_folder


def test_a_new_key_signs(instance: Instance, open_data_folder: OpenDataFolder, tmp_path: Path) -> None:
    """The command names the key that it made, and the old one still verifies."""
    before = load_signing_keys(instance.database, load_instance_key(tmp_path), instance.clock).ring.signer
    result = CliRunner().invoke(token_commands, ["rotate-key"], obj=open_data_folder)
    ring = load_signing_keys(instance.database, load_instance_key(tmp_path), instance.clock).ring

    assert before is not None
    assert ring.signer is not None
    assert result.stdout.startswith(f"The key {ring.signer.kid} signs tokens from now on")
    assert set(ring.by_name) == {before.kid, ring.signer.kid}


def test_the_wrong_instance_key_rotates_nothing(open_data_folder: OpenDataFolder, tmp_path: Path) -> None:
    """With a key that the servers do not have, they could not read what was made: it is refused with what to do."""
    (tmp_path / "instance.key").unlink()
    result = CliRunner().invoke(token_commands, ["rotate-key"], obj=open_data_folder)

    assert result.exit_code == 1
    assert isinstance(result.exception, SigningKeyUnreadable)
