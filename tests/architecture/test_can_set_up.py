# SPDX-License-Identifier: Apache-2.0
"""`make setup` says what is missing before it begins."""

import subprocess
import sys

import pytest

from dev.can_set_up import obstacle
from tests.architecture.planting import REPOSITORY

COMPLETE = {"venv", "ensurepip"}


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (4, 0)])
def test_a_complete_python_can_set_up(version: tuple[int, int]) -> None:
    """Python 3.11 or newer with `venv` and `ensurepip` is enough."""
    assert obstacle(version, COMPLETE) == ""


def test_an_old_python_is_refused_with_the_way_to_name_another() -> None:
    """The message names both versions and the variable to set."""
    message = obstacle((3, 9), COMPLETE)

    assert "3.11 or newer, and this is 3.9" in message
    assert "PYTHON=" in message


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_a_python_without_venv_gets_the_line_to_install_it(missing: str) -> None:
    """Debian ships `ensurepip` apart; the message is the command to type."""
    assert "\n    apt-get install -y python3-venv\n" in obstacle((3, 11), COMPLETE - {missing})


def test_the_program_passes_on_this_python() -> None:
    """The Python that runs the tests made an environment, and so may the program's exit status say."""
    run = subprocess.run([sys.executable, REPOSITORY / "dev/can_set_up.py"], capture_output=True, check=False)

    assert (run.returncode, run.stderr) == (0, b"")
