# SPDX-License-Identifier: Apache-2.0
"""What deploy/ and its pages say is what Entrepot understands, and measures."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import entrepot.entry.server  # imports everything that measures
import entrepot.infra.storage.s3.opening  # noqa: F401 - but for this: only a bucket needs it
from entrepot import __version__
from entrepot.entry.configuration import CONFIG_VARIABLE
from entrepot.entry.configuration import Settings
from entrepot.entry.settings_tree import every_setting
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Metric
from tests.server import ROOT

DEPLOY = ROOT / "deploy"
FILES = sorted(each for each in DEPLOY.rglob("*") if each.is_file() and "secrets" not in each.parts)
PAGES = [ROOT / "docs/how-to" / f"{name}.md" for name in ("bundle", "compose", "container", "helm")]
MONITORED = [DEPLOY / "helm/files/alerts.yaml", DEPLOY / "helm/files/dashboard.json"]

NO_SETTINGS = {CONFIG_VARIABLE, "ENTREPOT_PORT"}
"""The second is what Kubernetes would make of the name of a service; the chart says why it does not."""

OF_PROMETHEUS = {"le", "instance", "job"}


def measured() -> Iterator[Metric]:
    """Find every metric that a module of Entrepot declares."""
    for name, module in list(sys.modules.items()):
        if name.startswith("entrepot."):
            yield from (each for each in vars(module).values() if isinstance(each, Metric))


def sample_names(metric: Metric) -> set[str]:
    """Return the names that its numbers have in queries."""
    endings = {Kind.COUNTER: ("_total",), Kind.GAUGE: ("",), Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}
    return {metric.name + ending for ending in endings[metric.kind]}


@pytest.mark.parametrize("file", [*FILES, *PAGES], ids=lambda file: str(file.relative_to(ROOT)))
def test_every_variable_is_a_setting(file: Path) -> None:
    """A variable that Entrepot does not know would keep it from starting."""
    named = set(re.findall(r"\bENTREPOT_[A-Z0-9_]*[A-Z0-9]\b", file.read_text(encoding="utf-8")))

    assert named - NO_SETTINGS - {setting.variable for setting in every_setting(Settings)} == set()


@pytest.mark.parametrize("file", MONITORED, ids=lambda file: file.name)
def test_every_metric_is_measured(file: Path) -> None:
    """An alert on a metric that nobody measures never fires."""
    used = set(re.findall(r"\b(?:entrepot|process)_[a-z_]+\b(?=[{\[) ]|$)", file.read_text(), re.MULTILINE))

    assert len(used) > 10
    assert used - {name for metric in measured() for name in sample_names(metric)} == set()


@pytest.mark.parametrize("file", MONITORED, ids=lambda file: file.name)
def test_every_label_is_of_a_metric(file: Path) -> None:
    """A sum by a label that no metric has is a sum of everything."""
    told = re.findall(r"by \(([a-z_, ]+)\)|\$labels\.([a-z_]+)|\{\{([a-z_]+)\}\}", file.read_text())
    used = {label.strip() for match in told for group in match for label in group.split(",") if label}

    assert used - OF_PROMETHEUS - {label for metric in measured() for label in metric.labels} == set()


def test_the_chart_is_of_this_version() -> None:
    """What is installed by default is what the chart was written for."""
    assert f"appVersion: {__version__}\n" in (DEPLOY / "helm/Chart.yaml").read_text()
