# SPDX-License-Identifier: Apache-2.0
"""What the console may cost: script on the first load, and frames while a long list is scrolled."""

import gzip
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect
from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.oci.version_order import version_key
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags
from tests.e2e.browser import Person
from tests.e2e.registry import Registry

MOST_SCRIPT_BYTES = 250 * 1024
LONGEST_TASK_MS = 200
MANY = 100_000

_WATCH_TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ type: 'longtask' });
}"""
_SCROLL_TO_END = """() => {
  const frame = document.querySelector('section[aria-label]');
  frame.scrollTop = frame.scrollHeight;
  return Number(document.querySelector('table tbody tr:last-of-type')?.getAttribute('aria-rowindex') ?? 0);
}"""


@pytest.fixture(scope="module")
def repository(registry: Registry) -> str:
    """Make a repository with an image and 100,000 tags that point at it."""
    name = "team/long"
    registry.push_image(name, "latest")
    database = SqliteDatabase(registry.server.data / DATABASE_FILE)
    try:
        database.write_now(_add_tags)
    finally:
        database.close()
    return name


def _add_tags(connection: Connection) -> None:
    manifest = connection.execute(select(manifests)).one()
    shared = {
        "repo_id": manifest.repo_id,
        "digest": manifest.digest,
        "epoch": 0,
        "region": "",
        "updated_by": manifest.pushed_by,
    }
    names = [f"{number // 10_000}.{number // 100 % 100}.{number % 100}" for number in range(1, MANY)]
    rows = [
        {**shared, "name": name, "hlc": at, "updated_at": manifest.pushed_at - at, "version_key": version_key(name)}
        for at, name in enumerate(names)
    ]
    connection.execute(insert(tags), rows)


def script_bytes(page: Page, url: str) -> int:
    """Load a page and return how many bytes of script it took, packed by gzip."""
    sources: set[str] = set()
    page.on("response", lambda answer: sources.add(answer.url) if answer.request.resource_type == "script" else None)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return sum(len(gzip.compress(_content(source), 9)) for source in sources)


def _content(url: str) -> bytes:
    place = urlsplit(url)
    with closing(HTTPConnection(place.netloc)) as connection:
        connection.request("GET", place.path, headers={"Accept-Encoding": "identity"})
        return connection.getresponse().read()


def test_the_first_load_is_small(admin: Person, registry: Registry) -> None:
    """Whoever is logged in gets the start page with at most 250 KB of script."""
    page = admin.page.context.new_page()

    taken = script_bytes(page, f"{registry.console}/")

    print(f"first load: {taken / 1024:.0f} KiB of script, packed by gzip")
    assert taken <= MOST_SCRIPT_BYTES


def test_scrolling_through_a_hundred_thousand_tags_stays_smooth(admin: Person, repository: str) -> None:
    """From the first tag to the last, nothing holds the page up for more than 200 ms."""
    admin.go(f"/repositories/{repository}?sort=name")
    expect(admin.page.get_by_role("table")).to_be_visible()
    admin.page.evaluate(_WATCH_TASKS)

    reached = 0
    for _ in range(3_000):
        reached = max(reached, admin.page.evaluate(_SCROLL_TO_END))
        if reached > MANY:
            break
        admin.page.wait_for_timeout(50)

    longest = admin.page.evaluate("window.longest")
    print(f"{reached - 1} rows, the longest task {longest:.0f} ms")
    assert reached == MANY + 1
    assert longest <= LONGEST_TASK_MS
