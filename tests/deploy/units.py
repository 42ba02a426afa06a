# SPDX-License-Identifier: Apache-2.0
"""The units: read by systemd, and as confined as they were."""

import tempfile
from pathlib import Path

from tests.deploy.tools import DEPLOY
from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.report import Report

PROGRAM = "/opt/entrepot/bin/entrepot"
MOST_EXPOSURE = 15
"""Of 100, as `systemd-analyze security` counts: a unit without any confinement has 96."""


def check_units(report: Report) -> None:
    """Have systemd read each unit; its program need not be installed here."""
    units = sorted((DEPLOY / "systemd").glob("*.service"))
    with report.step("systemd", "there is a unit"):
        expect(bool(units), "deploy/systemd has no unit")
    for unit in units:
        with tempfile.TemporaryDirectory(prefix="entrepot-units-") as scratch:
            copy = Path(scratch) / unit.name
            copy.write_text(unit.read_text().replace(PROGRAM, "/usr/bin/true"))
            with report.step("systemd", f"{unit.name} is read without a word"):
                run(["systemd-analyze", "verify", "--man=no", str(copy)])
            with report.step("systemd", f"{unit.name} is confined"):
                threshold = f"--threshold={MOST_EXPOSURE}"
                run(["systemd-analyze", "security", "--offline=true", threshold, "--no-pager", str(copy)])
