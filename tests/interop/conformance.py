# SPDX-License-Identifier: Apache-2.0
"""Runs the OCI conformance suite against a server and holds it to: everything ran, everything passed.

The suite's exit status is not enough: it is 0 when the configuration or a report could not be written, and a
skipped check does not fail it. So its reports must exist, and their counts decide.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml

from tests.interop.commands import StepError
from tests.interop.target import Target

RUN_SECONDS = 300
TRANSCRIPT_CHARACTERS = 3_000
SHOWN_PROBLEMS = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """A check that did not pass: its full name, status, what was wrong, and the HTTP exchange."""

    name: str
    status: str
    reason: str
    transcript: str

    def __str__(self) -> str:
        """Show everything there is, the transcript cut to `TRANSCRIPT_CHARACTERS`."""
        return f"* {self.name} [{self.status}]\n{self.reason}\n{self.transcript[:TRANSCRIPT_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The counts of one run, and each check that did not pass."""

    passed: int
    failed: int
    errors: int
    skipped: int
    disabled: int
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        """Show the counts in the suite's own words."""
        bad = f"{self.failed} Fail, {self.errors} Error, {self.skipped} Skip, {self.disabled} Disabled"
        return f"{self.passed} Pass, {bad}"

    def judge(self, least_passes: int) -> None:
        """Raise `StepError`, with every problem, unless all checks ran and passed."""
        bad = self.failed + self.errors + self.skipped + self.disabled
        if bad or self.passed < least_passes:
            shown = "\n\n".join(str(problem) for problem in self.problems[:SHOWN_PROBLEMS])
            hidden = max(0, len(self.problems) - SHOWN_PROBLEMS)
            more = f"\n… and {hidden} more" if hidden else ""
            raise StepError(f"{self}, at least {least_passes} must pass\n\n{shown}{more}")


def run_suite(program: Path, target: Target) -> Outcome:
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
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OCI_")}
        finished = subprocess.run(
            [program],
            env={**inherited, **settings},
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        return read_results(Path(scratch), f"{finished.stdout}{finished.stderr}")


def read_results(directory: Path, output: str) -> Outcome:
    """Read the reports of a run; raise `StepError` with the suite's `output` when one was not written."""
    missing = [name for name in ("results.yaml", "junit.xml") if not (directory / name).is_file()]
    if missing:
        raise StepError(f"the suite wrote no {' and no '.join(missing)}:\n{output}")
    root = Xml.parse(directory / "junit.xml").getroot()  # noqa: S314 (the suite that we started wrote it)
    cases = list(root.iter("testcase"))
    counted = {name: int(root.get(name, "0")) for name in ("tests", "failures", "errors", "skipped", "disabled")}
    bad = counted["failures"] + counted["errors"] + counted["skipped"] + counted["disabled"]
    return Outcome(
        passed=counted["tests"] - bad,
        failed=counted["failures"],
        errors=counted["errors"],
        skipped=counted["skipped"],
        disabled=counted["disabled"],
        problems=tuple(_problem(case) for case in cases if case.get("status") != "passed"),
    )


def _problem(case: Xml.Element) -> Problem:
    return Problem(
        name=case.get("name", ""),
        status=case.get("status", "unknown"),
        reason=case.findtext("system-out", "").strip(),
        transcript=case.findtext("system-err", "").strip(),
    )
