# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: asynchronous ones run on asyncio, nothing blocks the loop, nothing is skipped."""

import gc
import os
from collections.abc import Iterator

import pytest
import structlog
from blockbuster import BlockBuster
from blockbuster import blockbuster_ctx
from hypothesis import settings

from tests.builders.databases import VARIABLES
from tests.builders.databases import dropping
from tests.builders.statements import compiled_once

SQLITE = "entrepot/infra/database/sqlite.py"
IN_DATABASE_LOOP = {
    "entrepot/infra/database/server.py": {"connect"},
    "entrepot/infra/database/copying.py": {"copy_out", "move_within"},
    "entrepot/infra/database/migrating.py": {"migrate", "differences"},
    "alembic/command.py": {"upgrade"},
    "entrepot/features/identity/bootstrap.py": {"_create"},
}
"""What blocks the event loop that connections to PostgreSQL have for themselves, when nothing else needs it."""

WAITING_WORKERS = 1
"""How many more workers than cores: so many tests wait for a server, a disk or a clock at any time."""

GARBAGE_THRESHOLDS = (20_000, 20, 50)
"""How much the garbage collector lets come together: each test makes an application or two, and few outlive it."""

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

    Inline SQLite reads, and opening what they read from, are an exception: an
    indexed read costs less than handing it to a thread. Connections to PostgreSQL
    are opened in a loop of its own, in which asyncpg looks for key files,
    alembic for migrations, and moving a database uses SQLite.
    """
    with blockbuster_ctx("entrepot") as detector:
        for name, function in detector.functions.items():
            readers = {"read", "snapshot", "snapshot_now"} if name.startswith("sqlite3.") else set()
            function.can_block_in(SQLITE, readers | {"_sqlite_engine", "_connect"})
            for file, functions in IN_DATABASE_LOOP.items():
                function.can_block_in(file, functions)
        yield detector


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[None]:
    """Compile each statement once in a run."""
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def databases_of_run() -> Iterator[None]:
    """Leave no database behind on a server, and no variable that is not a setting to whoever reads settings."""
    with pytest.MonkeyPatch.context() as environment, dropping():
        for name in VARIABLES:
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module", autouse=True)
def databases_of_module() -> Iterator[None]:
    """Drop those of a module when it is over."""
    with dropping():
        yield


@pytest.fixture(autouse=True)
def databases_of_test() -> Iterator[None]:
    """Drop those of a test, at the very end of it."""
    with dropping():
        yield


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Undo what a test configures: its standard error is closed when it ends."""
    yield
    structlog.reset_defaults()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` means."""
    return (os.cpu_count() or 1) + WAITING_WORKERS


def pytest_configure() -> None:
    """Look for no garbage while tests are collected: there is none."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: the modules and the tests are looked through no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.enable()


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
