# SPDX-License-Identifier: Apache-2.0
"""A run that skipped a test has failed."""

import shutil

import pytest

from tests.architecture.planting import REPOSITORY
from tests.architecture.planting import PlantedTree

BODIES = {
    "skip": "pytest.skip('later')",
    "xfail": "pytest.xfail('later')",
    "importorskip": "pytest.importorskip('no_such_module')",
}


@pytest.fixture
def suite(tree: PlantedTree) -> PlantedTree:
    """A suite under our conftest, with one test that passes."""
    tree.plant("tests/test_passing.py", "def test_passing():\n    assert True\n")
    shutil.copy(REPOSITORY / "tests/conftest.py", tree.root / "tests")
    shutil.copytree(REPOSITORY / "tests/builders", tree.root / "tests/builders")
    return tree


def test_a_run_without_skips_passes(suite: PlantedTree) -> None:
    """Passing tests make a passing run."""
    run = suite.run("pytest", "-p", "no:cacheprovider")

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_run_with_a_skip_fails_and_says_why(suite: PlantedTree, body: str, workers: str) -> None:
    """One test that does not run fails the run, in one process or several."""
    suite.plant("tests/test_later.py", f"import pytest\n\ndef test_later():\n    {body}\n")

    run = suite.run("pytest", "-p", "no:cacheprovider", "-n", workers)

    assert run.returncode == 1
    assert "A test that does not run proves nothing" in run.stdout
