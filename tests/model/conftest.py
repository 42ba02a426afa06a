# SPDX-License-Identifier: Apache-2.0
"""What the searches of this folder share: they run without the garbage collector and say what they found."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _no_garbage_collection() -> Iterator[None]:
    """Save a third of the time: millions of tuples, and no cycle among them."""
    gc.disable()
    yield
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each test recorded by `record_property`."""
    terminalreporter.section("what the model found")
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
