# SPDX-License-Identifier: Apache-2.0
"""Every cell of the matrix passed, has a reason to be empty, or fails the run."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.clients.catalogue import CLIENTS
from tests.interop.clients.catalogue import NOT_OFFERED
from tests.interop.clients.catalogue import reason_for
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import StepError
from tests.interop.layout import Layout
from tests.interop.matrix import Matrix
from tests.interop.matrix import Result
from tests.interop.matrix import take_turn
from tests.interop.matrix import try_client
from tests.interop.report import Report
from tests.interop.scenarios import SCENARIOS
from tests.interop.scenarios import Trial
from tests.interop.target import Bench
from tests.interop.target import Target
from tests.interop.tools import GoPin
from tests.interop.tools import load_pins
from tests.interop.verbs import Operation
from tests.interop.wire import Wire


class LogsInOnly:
    """A client that can log in, unless it is told that it cannot."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault

    def login(self, password: str) -> None:
        """Log in."""
        if self.fault:
            raise StepError(self.fault)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A trial that nothing listens to."""
    bench = Bench(Target("127.0.0.1:1", "admin", "secret"), Layout(tmp_path), tmp_path)
    return Trial(bench, Wire("127.0.0.1:1"), "helm", Skopeo(bench))


def tried(name: str, client: object, trial: Trial) -> tuple[Report, Matrix]:
    """Try everything with a client, under the name of one in the catalogue."""
    report, matrix = Report(), Matrix({name: "1.0"})
    try_client(name, client, trial, report, matrix)
    return report, matrix


def test_what_a_client_does_is_passed(trial: Trial) -> None:
    """A cell that was tried without a failure passed."""
    _, matrix = tried("helm", LogsInOnly(), trial)

    assert matrix.result("helm", Operation.LOGIN) is Result.PASSED


def test_a_cell_that_fails_is_a_failure_of_the_run(trial: Trial) -> None:
    """The evidence is in the report, and the cell says so."""
    report, matrix = tried("helm", LogsInOnly("401 Unauthorized"), trial)

    assert matrix.result("helm", Operation.LOGIN) is Result.FAILED
    assert report.failures[0].evidence == "401 Unauthorized"
    assert report.failures[0].operation == Operation.LOGIN


def test_a_reason_leaves_a_cell_empty(trial: Trial) -> None:
    """What the catalogue says that a client has no command for is not tried, and the reason is printed."""
    report, matrix = tried("helm", LogsInOnly(), trial)

    assert matrix.result("helm", Operation.DELETE) is Result.NOT_OFFERED
    assert all(row.operation != Operation.DELETE for row in report.rows)
    assert "* helm: delete: it deletes only what is on this machine." in matrix.render()


def test_a_missing_method_without_a_reason_is_a_failure(trial: Trial) -> None:
    """Nothing is left out silently: helm has to have charts."""
    report, matrix = tried("helm", LogsInOnly(), trial)

    assert matrix.result("helm", Operation.CHART) is Result.FAILED
    assert [row.operation for row in report.failures] == [Operation.CHART]


def test_a_reason_against_what_a_client_can_do_is_a_failure(trial: Trial) -> None:
    """A reason lasts only as long as it is true: containerd has no login."""
    report, matrix = tried("containerd", LogsInOnly(), trial)

    assert matrix.result("containerd", Operation.LOGIN) is Result.FAILED
    assert "a reason against" in report.failures[0].evidence


def test_a_client_that_cannot_be_built_fails_in_every_cell(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be installed or built, here for want of Go, is no reason for an empty cell."""
    monkeypatch.setenv("PATH", str(trial.bench.scratch))
    unbuilt = replace(load_pins(), go={"helm": GoPin("example.org/helm", "cmd/helm", "v0.0.0", "h1:never-built")})
    report, matrix = Report(), Matrix({"helm": ""})

    take_turn("helm", trial.bench, unbuilt, report, matrix)

    assert {matrix.result("helm", operation) for operation in Operation} == {Result.FAILED}
    assert [row.operation for row in report.failures] == ["whole turn"]
    assert "`go` is not on the PATH" in report.failures[0].evidence


def test_every_operation_has_a_scenario() -> None:
    """No column of the matrix is only a heading."""
    assert set(SCENARIOS) == set(Operation)


def test_every_reason_is_about_a_client_and_stands_once() -> None:
    """A cell has one reason at most, and the catalogue names no client that is not in it."""
    named = [(name, operation) for row in NOT_OFFERED for name in row.clients for operation in row.operations]

    assert len(named) == len(set(named))
    assert {name for name, _ in named} <= set(CLIENTS)
    assert all(reason_for(*cell) for cell in named)
