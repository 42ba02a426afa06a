# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: asynchronous ones run on asyncio, nothing blocks the loop, nothing is skipped."""

from collections.abc import Iterator

import pytest
import structlog
from blockbuster import BlockBuster
from blockbuster import blockbuster_ctx
from hypothesis import settings

DATABASE = "entrepot/infra/database/engine.py"
UNPROVEN = ("skipped", "xfailed")

settings.register_profile("entrepot", deadline=None)
settings.load_profile("entrepot")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run tests marked `anyio` on asyncio, the only event loop that Entrepot uses."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def blockbuster() -> Iterator[BlockBuster]:
    """Fail whoever makes the package block the event loop.

    Inline SQLite reads, and opening what they read from, are the one
    exception: an indexed read costs less than handing it to a thread.
    """
    with blockbuster_ctx("entrepot") as detector:
        for name, function in detector.functions.items():
            readers = {"read", "snapshot"} if name.startswith("sqlite3.") else set()
            function.can_block_in(DATABASE, readers | {"_sqlite_engine", "_connect"})
        yield detector


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Undo what a test configures: its standard error is closed when it ends."""
    yield
    structlog.reset_defaults()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a run that skipped a test into one that failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and any(reporter.stats.get(outcome) for outcome in UNPROVEN):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a run without failures has failed."""
    count = sum(len(terminalreporter.stats.get(outcome, ())) for outcome in UNPROVEN)
    if count:
        terminalreporter.write_line(
            f"{count} skipped or expected to fail. A test that does not run proves nothing: "
            "make it run everywhere, move it to a suite that installs what it needs, or delete it.",
            red=True,
        )
