# SPDX-License-Identifier: Apache-2.0
"""The newest suite passes when its reports exist, nothing in them is bad, and enough passed."""

from pathlib import Path

import pytest

from tests.interop.commands import StepError
from tests.interop.newest_suite import REPORTS
from tests.interop.newest_suite import read_results

CASE = """<testcase name="{name}" status="{status}">
<system-out>expected 404, received 500</system-out><system-err>GET /v2/</system-err></testcase>"""


def plant(path: Path, counts: str = "", *cases: str) -> Path:
    """Write the reports of a run of three checks."""
    (path / "results.yaml").write_text("passed")
    (path / "junit.xml").write_text(
        f'<testsuites tests="3" {counts}><testsuite>{"".join(cases)}</testsuite></testsuites>'
    )
    return path


def test_a_run_in_which_everything_passed_is_accepted(tmp_path: Path) -> None:
    """Enough passes and nothing else is what is asked for."""
    outcome = read_results(plant(tmp_path), "", 3)

    outcome.judge()
    assert outcome.counts == "3 Pass, 0 Fail, 0 Error, 0 Skip, 0 Disabled"


@pytest.mark.parametrize(
    ("count", "counts"),
    [
        ("failures", "2 Pass, 1 Fail, 0 Error, 0 Skip, 0 Disabled"),
        ("errors", "2 Pass, 0 Fail, 1 Error, 0 Skip, 0 Disabled"),
        ("skipped", "2 Pass, 0 Fail, 0 Error, 1 Skip, 0 Disabled"),
        ("disabled", "2 Pass, 0 Fail, 0 Error, 0 Skip, 1 Disabled"),
    ],
)
def test_a_check_that_did_not_pass_is_refused(tmp_path: Path, count: str, counts: str) -> None:
    """One failure, error, skip or disabled check is one too many, and its exchange is shown."""
    cases = CASE.format(name="blob get", status="bad"), CASE.format(name="tag list", status="passed")
    outcome = read_results(plant(tmp_path, f'{count}="1"', *cases), "", 1)

    with pytest.raises(StepError, match=f"(?s){counts}.*blob get.*received 500.*GET /v2/") as refusal:
        outcome.judge()
    assert "tag list" not in str(refusal.value)


def test_too_few_checks_are_refused(tmp_path: Path) -> None:
    """A suite of which a part did not run has not passed."""
    outcome = read_results(plant(tmp_path), "", 4)

    with pytest.raises(StepError, match="at least 4"):
        outcome.judge()


@pytest.mark.parametrize("report", REPORTS)
def test_a_missing_report_stops_everything(tmp_path: Path, report: str) -> None:
    """Without its reports nothing is known to have passed, and the suite's output says why there are none."""
    plant(tmp_path).joinpath(report).unlink()

    with pytest.raises(StepError, match=f"(?s)no {report}.*bad configuration"):
        read_results(tmp_path, "bad configuration", 1)
