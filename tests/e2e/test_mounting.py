# SPDX-License-Identifier: Apache-2.0
"""What it takes to mount a feature's pages: a folder and one line; what the server has not mounted is not shown."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import expect
from pwdlib import PasswordHash

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.identity import bootstrap
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.clock import system_clock
from tests.e2e.browser import a_person
from tests.e2e.planted.server import CONSOLE_VARIABLE
from tests.e2e.registry import Registry
from tests.server import HOST
from tests.server import ROOT
from tests.server import Server
from tests.server import free_port
from tests.server import launch
from tests.server import stopping

WEB = ROOT / "web"
ONE_LINE = 'export { planted } from "./planted";\n'


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a console that has the planted folder and one more line than ours."""
    copy = tmp_path_factory.mktemp("planted") / "web"
    shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(WEB / "node_modules")
    shutil.copytree(Path(__file__).parent / "planted" / "console", copy / "src" / "features" / "planted")
    with (copy / "src" / "features" / "index.ts").open("a") as registration:
        registration.write(ONE_LINE)
    built = copy.parent / "built"
    command = [str(WEB / "node_modules" / ".bin" / "vite"), "build", "--logLevel", "warn"]
    subprocess.run(command, cwd=copy, env=os.environ | {"CONSOLE_OUT": str(built)}, check=True)
    return built


def set_up(data: Path, password: str) -> None:
    """Make the database and its administrator, as `entrepot serve` does before it serves."""
    data.mkdir()
    database = SqliteDatabase(data / DATABASE_FILE)
    schema.upgrade(database)
    bootstrap(database, PasswordHash.recommended(), password, data, system_clock)
    database.close()


@contextmanager
def serving(factory: str, console: Path, data: Path) -> Iterator[Registry]:
    """Serve an application of `planted.server` until the block ends."""
    port, password = free_port(), secrets.token_urlsafe(16)
    environment = {
        "ENTREPOT_DATA_DIR": str(data),
        CONSOLE_VARIABLE: str(console),
    }
    set_up(data, password)
    command = [sys.executable, "-m", "tests.serving", f"tests.e2e.planted.server:{factory}", str(port)]
    process = launch(command, data.with_suffix(".log"), environment=environment)
    server = Server(f"http://{HOST}:{port}", "admin", password, data, data.with_suffix(".log"), process)
    with stopping(process, server.log):
        server.wait_until_healthy()
        yield Registry(server)


def test_a_feature_is_a_folder_and_a_line(browser: Browser, console: Path, tmp_path: Path) -> None:
    """The planted feature has its page, its entry in the navigation and its tab on an artifact."""
    with (
        serving("with_planted", console, tmp_path / "data") as registry,
        a_person(browser, registry.console) as somebody,
    ):
        digest = registry.push_image("team/app", "1.0")
        somebody.log_in(registry.server.user, registry.server.password)
        somebody.page.get_by_role("link", name="Planted", exact=True).click()
        somebody.sees("planted by the server")

        somebody.go(f"/repositories/team/app/-/artifacts/{digest}?tab=planted")

        somebody.sees("Planted on team/app, which is an image")


def test_what_the_server_has_not_mounted_is_not_shown(browser: Browser, console: Path, tmp_path: Path) -> None:
    """The same console at a server without the feature has no page, entry or tab of it."""
    with (
        serving("without_planted", console, tmp_path / "data") as registry,
        a_person(browser, registry.console) as somebody,
    ):
        somebody.log_in(registry.server.user, registry.server.password)
        expect(somebody.page.get_by_role("link", name="Projects", exact=True)).to_be_visible()
        expect(somebody.page.get_by_role("link", name="Planted", exact=True)).to_have_count(0)

        somebody.go("/planted")

        somebody.sees("There is no such page")
