# SPDX-License-Identifier: Apache-2.0
"""One problem is enough to refuse a suite, and a suite is told nothing but its settings."""

import sys
from pathlib import Path

import pytest

from tests.interop.commands import StepError
from tests.interop.conformance import SHOWN_PROBLEMS
from tests.interop.conformance import Outcome
from tests.interop.conformance import Problem
from tests.interop.conformance import run_program


def test_an_outcome_without_problems_is_accepted() -> None:
    """Nothing is raised, whatever the counts are."""
    outcome = Outcome("nothing counted", ())

    outcome.judge()


def test_one_problem_is_refused_with_the_counts() -> None:
    """The refusal holds the counts and everything known about the problem."""
    outcome = Outcome("1 passed", (Problem("blob get", "failed", "expected 404", "GET /v2/"),))

    with pytest.raises(StepError, match=r"(?s)1 passed.*blob get \[failed\].*expected 404.*GET /v2/"):
        outcome.judge()


def test_a_flood_of_problems_is_cut_and_counted() -> None:
    """The first problems are shown, and how many more there are."""
    outcome = Outcome("", tuple(Problem(f"<{number}>", "failed", "") for number in range(SHOWN_PROBLEMS + 2)))

    with pytest.raises(StepError, match="… and 2 more") as refusal:
        outcome.judge()
    assert f"<{SHOWN_PROBLEMS}>" not in str(refusal.value)


def test_a_suite_sees_only_its_own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the caller's that the suite would understand does not reach it."""
    monkeypatch.setenv("OCI_TEST_PULL", "0")
    program = "import os, sys; print(sorted(n for n in os.environ if n.startswith('OCI_')), file=sys.stderr); exit(1)"

    said = run_program([sys.executable, "-c", program], {"OCI_ROOT_URL": "http://registry"}, tmp_path)

    assert said == "['OCI_ROOT_URL']\n"
