# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.deploy [PARTS...]`: status 1 unless the tools find nothing wrong with what installs Entrepot."""

import sys

from tests.deploy.bundles import check_bundle
from tests.deploy.charts import check_chart
from tests.deploy.composed import check_compose
from tests.deploy.containers import check_container
from tests.deploy.monitored import check_monitoring
from tests.deploy.tools import provide_tools
from tests.deploy.units import check_units
from tests.interop.commands import StepError
from tests.interop.report import Report

PARTS = ("chart", "monitoring", "compose", "systemd", "bundle", "container")


def main() -> int:
    """Run the parts that are named, or all, print what came of it, and return the exit status."""
    wanted = sys.argv[1:] or PARTS
    if unknown := set(wanted) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
        return 2
    try:
        tools = provide_tools()
    except StepError as error:
        print(error)
        return 1
    report = Report()
    checks = {
        "chart": lambda: check_chart(tools, report),
        "monitoring": lambda: check_monitoring(report),
        "compose": lambda: check_compose(tools, report),
        "systemd": lambda: check_units(report),
        "bundle": lambda: check_bundle(tools, report),
        "container": lambda: check_container(report),
    }
    for part in PARTS:
        if part in wanted:
            checks[part]()
    print(report.conclude())
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
