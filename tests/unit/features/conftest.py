# SPDX-License-Identifier: Apache-2.0
"""A shell for the commands of features."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.shell import Shell
from tests.builders.shell import a_shell


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Hold a shell in which the commands of a feature ask a real application."""
    folder = tmp_path / "shell"
    folder.mkdir()
    with a_shell(folder) as shell:
        yield shell
