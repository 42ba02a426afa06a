# SPDX-License-Identifier: Apache-2.0
"""A browser for all stories, a registry for each file of them, and people who log in."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import sync_playwright

from tests.e2e.browser import FLAGS
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.browser import a_person
from tests.e2e.places import CHROMIUM
from tests.e2e.registry import Registry
from tests.server import running_server


@pytest.fixture(scope="session", autouse=True)
def blockbuster() -> None:
    """Let these tests block: the loop that runs in them is the browser driver's, and the server is another process."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Hold the machine's own Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Serve a registry that is empty at first."""
    data: Path = tmp_path_factory.mktemp("registry") / "data"
    with running_server(data) as server:
        yield Registry(server)


@pytest.fixture
def person(browser: Browser, registry: Registry) -> Iterator[MakePerson]:
    """Bring somebody to a browser of their own, as often as it is called."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(a_person(browser, registry.console))


@pytest.fixture
def admin(person: MakePerson, registry: Registry) -> Person:
    """Bring the administrator, logged in."""
    somebody = person()
    somebody.log_in(registry.server.user, registry.server.password)
    return somebody
