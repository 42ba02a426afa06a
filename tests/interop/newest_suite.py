# SPDX-License-Identifier: Apache-2.0
"""The conformance suite since it became a program with profiles: one run, two reports, every check counted."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml

from tests.interop.commands import StepError
from tests.interop.conformance import Outcome
from tests.interop.conformance import Problem
from tests.interop.conformance import run_program
from tests.interop.target import Target

REPORTS = ("results.yaml", "junit.xml")
NOT_PASSED = {"failures": "Fail", "errors": "Error", "skipped": "Skip", "disabled": "Disabled"}
"""Counts of the report, and the suite's own words for them."""


@dataclass(frozen=True, slots=True)
class NewestSuite:
    """The built program, and the fewest checks that may pass."""

    program: Path
    least_passes: int

    def check(self, target: Target) -> Outcome:
        """Run the suite with its newest profile against a plain-HTTP server."""
        with tempfile.TemporaryDirectory(prefix="entrepot-conformance-") as scratch:
            settings = {
                "OCI_REGISTRY": target.authority,
                "OCI_TLS": "disabled",
                "OCI_VERSION": "dev",
                "OCI_DATA_SPARSE": "true",
                "OCI_REPO1": "conformance/repo1",
                "OCI_REPO2": "conformance/repo2",
                "OCI_USERNAME": target.user,
                "OCI_PASSWORD": target.password,
                "OCI_RESULTS_DIR": scratch,
            }
            output = run_program([self.program], settings, Path(scratch))
            return read_results(Path(scratch), output, self.least_passes)


def read_results(directory: Path, output: str, least_passes: int) -> Outcome:
    """Read the reports of a run; raise `StepError` with the suite's `output` when one was not written."""
    missing = [name for name in REPORTS if not (directory / name).is_file()]
    if missing:
        raise StepError(f"the suite wrote no {' and no '.join(missing)}:\n{output}")
    root = Xml.parse(directory / "junit.xml").getroot()  # noqa: S314 (the suite that we started wrote it)
    bad = {word: int(root.get(name, "0")) for name, word in NOT_PASSED.items()}
    passed = int(root.get("tests", "0")) - sum(bad.values())
    counts = f"{passed} Pass, {', '.join(f'{number} {word}' for word, number in bad.items())}"
    if passed >= least_passes and not any(bad.values()):
        return Outcome(counts, ())
    whole = Problem("the whole suite", "incomplete", f"all must pass, and at least {least_passes}")
    cases = [case for case in root.iter("testcase") if case.get("status") != "passed"]
    return Outcome(counts, (whole, *(_problem(case) for case in cases)))


def _problem(case: Xml.Element) -> Problem:
    return Problem(
        name=case.get("name", ""),
        status=case.get("status", "unknown"),
        reason=case.findtext("system-out", "").strip(),
        transcript=case.findtext("system-err", "").strip(),
    )
