# SPDX-License-Identifier: Apache-2.0
"""What the runbook names is there: metrics, alerts, events of the log, codes of errors, settings, and headings."""

import re
from functools import cache

import pytest

from tests.server import ROOT

RUNBOOK = (ROOT / "docs/how-to/runbook.md").read_text(encoding="utf-8")
ALERTS = (ROOT / "deploy/helm/files/alerts.yaml").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([^`\n]+)`", RUNBOOK)))

METRICS = [name for name in NAMED if re.fullmatch(r"entrepot_\w+", name)]
ALERTED = [name for name in NAMED if re.fullmatch(r"Entrepot\w+", name)]
EVENTS = [name for name in NAMED if re.fullmatch(r"[a-z_]+\.[a-z_.0-9]+", name) and f"`{name}`" not in SETTINGS]
CODES = [name for name in NAMED if re.fullmatch(r"[a-z]+(_[a-z]+)+", name) and name not in METRICS]


@cache
def source() -> str:
    """Return the whole package."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/entrepot").rglob("*.py")))


def test_something_of_each_is_named() -> None:
    """The patterns of this test find what they look for."""
    assert min(len(METRICS), len(ALERTED), len(EVENTS), len(CODES)) > 5


@pytest.mark.parametrize("name", [*EVENTS, *CODES])
def test_events_and_codes_are_in_the_source(name: str) -> None:
    """As somebody who sees them would look for them."""
    assert f'"{name}"' in source()


@pytest.mark.parametrize("name", METRICS)
def test_metrics_are_measured(name: str) -> None:
    """A counter by its name without the ending that queries have."""
    assert f'"{name.removesuffix("_total")}"' in source()


@pytest.mark.parametrize("name", ALERTED)
def test_alerts_are_raised(name: str) -> None:
    """By the rules of the chart."""
    assert f"alert: {name}\n" in ALERTS


def test_every_alert_is_in_the_runbook() -> None:
    """Whoever is woken by one finds what to do."""
    assert [name for name in re.findall(r"alert: (\w+)", ALERTS) if f"`{name}`" not in RUNBOOK] == []
