# SPDX-License-Identifier: Apache-2.0
"""The alerts and the dashboard: every expression is one that Prometheus reads."""

import json
import tempfile
from pathlib import Path

from tests.deploy.tools import CHART
from tests.deploy.tools import DEPLOY
from tests.interop.commands import run
from tests.interop.report import Report

ALERTS = CHART / "files" / "alerts.yaml"
DASHBOARD = CHART / "files" / "dashboard.json"


def check_monitoring(report: Report) -> None:
    """Have promtool read all of it."""
    with report.step("promtool", "the alerts"):
        run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", str(ALERTS)])
    with report.step("promtool", "the queries of the dashboard"):
        _check_queries(queries(DASHBOARD.read_text()))
    with report.step("promtool", "the configuration of Prometheus in compose"), _folder() as scratch:
        for file in (DEPLOY / "compose" / "prometheus.yaml", ALERTS):
            (Path(scratch) / file.name).write_text(file.read_text())
        run(["promtool", "check", "config", f"{scratch}/prometheus.yaml"])


def queries(dashboard: str) -> list[str]:
    """Return every query of a dashboard, with what Grafana puts in for its variables."""
    targets = [target for panel in json.loads(dashboard)["panels"] for target in panel["targets"]]
    return [each["expr"].replace("$__rate_interval", "5m").replace("$job", "entrepot") for each in targets]


def _check_queries(found: list[str]) -> None:
    rules = [{"record": f"dashboard:query:{number}", "expr": query} for number, query in enumerate(found)]
    with _folder() as scratch:
        file = Path(scratch) / "queries.yaml"
        file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
        run(["promtool", "check", "rules", str(file)])


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="entrepot-rules-")
