# SPDX-License-Identifier: Apache-2.0
"""The console under a path of the operator's choice, and what the server sends with it."""

import re
from contextlib import closing
from http.client import HTTPConnection

from playwright.sync_api import Browser
from playwright.sync_api import expect

from tests.e2e.browser import a_person
from tests.e2e.registry import Registry
from tests.server import running_server

PREFIX = {"ENTREPOT_SERVER__PATH_PREFIX": "/registry-ui"}


def test_the_console_works_under_a_prefix(browser: Browser) -> None:
    """Pages, deep links, assets, the API and the cookie are all found below it."""
    with running_server(environment=PREFIX) as server:
        registry = Registry(server)
        with a_person(browser, f"{registry.console}/registry-ui") as somebody:
            somebody.log_in(server.user, server.password)
            somebody.page.get_by_role("link", name="Projects", exact=True).click()
            expect(somebody.page).to_have_url(f"{registry.console}/registry-ui/projects")

            somebody.page.reload()

            expect(somebody.page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
            assert {cookie["path"] for cookie in somebody.page.context.cookies()} == {"/registry-ui/api"}


def test_a_program_is_not_sent_pages(registry: Registry) -> None:
    """An address that is a page for a browser is missing for whoever asks for no HTML."""
    with closing(HTTPConnection(registry.server.authority)) as connection:
        connection.request("GET", "/projects", headers={"Accept": "application/json"})
        answer = connection.getresponse()

    assert (answer.status, answer.getheader("content-type")) == (404, "application/problem+json")


def test_assets_are_packed_and_kept_for_ever(registry: Registry) -> None:
    """What the page names is sent by Brotli to browsers that take it, to be kept for a year."""
    with closing(HTTPConnection(registry.server.authority)) as connection:
        connection.request("GET", "/", headers={"Accept": "text/html"})
        script = re.findall(r'src="\./(assets/[^"]+\.js)"', connection.getresponse().read().decode())[0]
        connection.request("GET", f"/{script}", headers={"Accept-Encoding": "gzip, br"})
        answer = connection.getresponse()

    assert (answer.status, answer.getheader("content-encoding")) == (200, "br")
    assert "immutable" in str(answer.getheader("cache-control"))
