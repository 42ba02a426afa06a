# SPDX-License-Identifier: Apache-2.0
"""A run of specs is read for everything that is wrong with it, and all runs for what never ran."""

import json
from pathlib import Path

import pytest

from tests.interop.commands import StepError
from tests.interop.specs import Run
from tests.interop.specs import Spec
from tests.interop.specs import missing
from tests.interop.specs import read_run

OUTPUT = """\
------------------------------
Suite Pull gets a blob
module@v1/01_pull_test.go:1
	Authorization: Bearer secret
STATUS       : 500 Internal Server Error
------------------------------
Suite Pull gets a blob
module@v1/01_pull_test.go:10
STATUS       : 200 OK
------------------------------
"""


def node(line: int, state: str, kind: str = "It") -> dict[str, object]:
    """One node of a report, at a line of the suite's sources; all have the same words."""
    return {
        "ContainerHierarchyTexts": ["Suite", "Pull"],
        "LeafNodeLocation": {"FileName": "module@v1/01_pull_test.go", "LineNumber": line},
        "LeafNodeText": "gets a blob",
        "LeafNodeType": kind,
        "State": state,
        "Failure": {"Message": f"because it {state}"},
    }


def plant(path: Path, *nodes: dict[str, object], succeeded: bool = True, reasons: tuple[str, ...] = ()) -> Path:
    """Write the report of a run."""
    report = path / "report.json"
    suite = {"SuiteSucceeded": succeeded, "SpecialSuiteFailureReasons": reasons, "SpecReports": nodes}
    report.write_text(json.dumps([suite]))
    return report


def ran(*states: tuple[int, str, str]) -> Run:
    """A run of specs, each given as its line, words and state."""
    return Run("run", tuple(Spec(f"01_pull_test.go:{line}", words, state, "", "") for line, words, state in states), ())


def test_passed_and_skipped_specs_are_no_problem(tmp_path: Path) -> None:
    """A spec may be skipped in one run, and the counts say so."""
    run = read_run("push", plant(tmp_path, node(1, "passed"), node(10, "skipped"), node(2, "passed")), OUTPUT)

    assert run.problems == []
    assert run.counts == "push: 2 passed, 1 skipped"


@pytest.mark.parametrize("state", ["failed", "panicked", "pending", "aborted", "interrupted", "timedout"])
def test_any_other_state_is_a_problem(tmp_path: Path, state: str) -> None:
    """A spec that ended in any way but these two is reported with its reason."""
    run = read_run("push", plant(tmp_path, node(1, state), node(10, "passed"), succeeded=False), OUTPUT)

    assert [(problem.name, problem.status, problem.reason) for problem in run.problems] == [
        ("Pull gets a blob (01_pull_test.go:1)", state, f"because it {state}")
    ]


def test_a_problem_shows_its_own_exchange_without_credentials(tmp_path: Path) -> None:
    """The exchange of another spec with the same words is not shown, nor is a token."""
    run = read_run("push", plant(tmp_path, node(1, "failed")), OUTPUT)

    (problem,) = run.problems
    assert "500 Internal Server Error" in problem.transcript
    assert "200 OK" not in problem.transcript
    assert "Bearer ..." in problem.transcript


@pytest.mark.parametrize("content", [None, "", "{}", "[]", "[{}]", '[{"SpecReports": [{}]}]', "[1]"])
def test_a_report_that_cannot_be_read_stops_everything(tmp_path: Path, content: str | None) -> None:
    """Without a report nothing is known to have passed, and the suite's output says why there is none."""
    report = tmp_path / "report.json"
    if content is not None:
        report.write_text(content)

    with pytest.raises(StepError, match="dial tcp: connection refused"):
        read_run("push", report, "dial tcp: connection refused")


def test_a_failed_suite_without_a_failed_spec_is_a_problem(tmp_path: Path) -> None:
    """The suite's own verdict counts, whatever its specs say."""
    run = read_run("push", plant(tmp_path, node(1, "passed"), succeeded=False), OUTPUT)

    assert [problem.reason for problem in run.problems] == ["the suite says that it failed, and not why"]


def test_what_the_suite_complains_about_is_a_problem(tmp_path: Path) -> None:
    """A special reason to fail, a failed step around the specs and a warning are complaints."""
    nodes = node(1, "passed"), node(24, "failed", kind="ReportAfterSuite")
    output = "\n  WARNING: filtering by artifact-type is not implemented\n"

    run = read_run("push", plant(tmp_path, *nodes, succeeded=False, reasons=("Interrupted by Timeout",)), output)

    assert [problem.reason for problem in run.problems] == [
        "Interrupted by Timeout",
        "because it failed",
        "WARNING: filtering by artifact-type is not implemented",
    ]


def test_a_spec_must_run_in_one_of_the_runs() -> None:
    """A spec that one run skips and another executes has run."""
    runs = [ran((1, "a", "passed"), (2, "b", "skipped")), ran((1, "a", "skipped"), (2, "b", "passed"))]

    assert missing(runs, 2, {}) == []


def test_a_spec_that_never_runs_is_a_problem() -> None:
    """A spec that every run skips is named with its place."""
    runs = [ran((1, "a", "passed"), (2, "b", "skipped")), ran((1, "a", "passed"), (2, "b", "skipped"))]

    assert [problem.name for problem in missing(runs, 2, {})] == ["b (01_pull_test.go:2)"]


def test_an_exception_need_not_run() -> None:
    """A spec that is excepted by its words may be skipped by every run."""
    assert missing([ran((1, "a", "passed"), (2, "b", "skipped"))], 2, {"b": "reason"}) == []


@pytest.mark.parametrize("state", ["passed", "failed"])
def test_an_exception_that_runs_is_a_problem(state: str) -> None:
    """An exception lasts only as long as it is one."""
    problems = missing([ran((1, "a", "passed"), (2, "b", state))], 2, {"b": "reason"})

    assert [(problem.name, problem.status) for problem in problems] == [("b", "exception")]


def test_an_exception_that_is_no_spec_is_a_problem() -> None:
    """A spec that was renamed or removed is not excepted any more."""
    problems = missing([ran((1, "a", "passed"))], 1, {"b": "reason"})

    assert [(problem.name, problem.status) for problem in problems] == [("b", "exception")]


def test_an_exception_excuses_one_spec() -> None:
    """Of two specs with the words of one exception, one must run."""
    problems = missing([ran((1, "b", "skipped"), (2, "b", "skipped"))], 2, {"b": "reason"})

    assert [problem.name for problem in problems] == ["b (01_pull_test.go:1)", "b (01_pull_test.go:2)"]


@pytest.mark.parametrize("expected", [1, 3])
def test_another_number_of_specs_is_a_problem(expected: int) -> None:
    """A suite that lost specs, or has more, is not the one that was pinned."""
    problems = missing([ran((1, "a", "passed"), (2, "b", "passed"))], expected, {})

    assert [problem.reason for problem in problems] == [f"there are 2 specs, and pins.toml says {expected}"]
