# SPDX-License-Identifier: Apache-2.0
"""The catalog, and the extensions on offer."""

import re
from collections.abc import Iterable

import pytest

from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import behind
from tests.builders.manifests import an_index
from tests.fakes.allow_nothing import AllowNothing
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

NAMES = ["a", "a-b/c", "a/b", "a/b-c", "a/bc", "a0", "b"]
NEXT = re.compile(r'<(/v2/_catalog\?[^>]+)>; rel="next"')


class OnlyShortNames(AllowNothing):
    """Lets everybody do everything, but read only repositories of one segment."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say no to reading what has a slash."""
        return action not in OPEN_ACTIONS or "/" not in repository

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those without a slash."""
        return {name for name in repositories if "/" not in name}

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead everywhere, past names with a slash too."""
        return Reach(behind([EVERY_NAME], after))


def filled(core: Opener, wiring: Wiring) -> Repository:
    """Open a registry with `NAMES`, and one repository that has blobs only."""
    transport = core(wiring)
    for name in reversed(NAMES):
        Repository(transport, name).push(an_index())
    hidden = Repository(transport, "hidden")
    hidden.upload(b"a blob")
    return hidden


def pages(repo: Repository, target: str) -> list[list[str]]:
    """Follow `Link` from page to page and return the names on each."""
    found: list[list[str]] = []
    while target:
        answer = repo.ask("GET", target)
        assert (answer.status, answer.header("content-type")) == (200, "application/json")
        found.append(answer.json["repositories"])
        link = NEXT.fullmatch(answer.header("link") or "")
        target = link[1] if link else ""
    return found


@pytest.mark.parametrize("size", [1, 2, 7, 8])
def test_the_catalog_names_every_repository(core: Opener, size: int) -> None:
    """Pages in bytewise order hold each repository with a manifest once, prefixes of others too."""
    found = pages(filled(core, Wiring()), f"/v2/_catalog?n={size}")

    assert [name for page in found for name in page] == NAMES
    assert {len(page) for page in found[:-1]} <= {size}


def test_the_catalog_comes_in_pages_without_being_asked(core: Opener) -> None:
    """Without `n` a page has `page_size` names, and never more than `max_page_size`."""
    repo = filled(core, Wiring(settings={"page_size": 3, "max_page_size": 4}))

    assert [len(page) for page in pages(repo, "/v2/_catalog")] == [3, 3, 1]
    assert [len(page) for page in pages(repo, "/v2/_catalog?n=1000")] == [4, 3]


def test_the_catalog_shows_what_may_be_read(core: Opener) -> None:
    """Pages are full of names that the caller may read; the others are not there."""
    repo = filled(core, Wiring(authorizer=OnlyShortNames()))

    assert pages(repo, "/v2/_catalog?n=2") == [["a", "a0"], ["b"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [("?last=a/b", NAMES[3:]), ("?last=a/b%21", NAMES[3:]), ("?last=zzz", []), ("?n=0", []), ("?last=", NAMES)],
)
def test_the_catalog_goes_on_behind_any_name(core: Opener, query: str, names: list[str]) -> None:
    """`last` need not exist; a page of nothing is empty and links nowhere."""
    assert pages(filled(core, Wiring()), f"/v2/_catalog{query}") == [names]


def test_an_empty_catalog_is_a_list(core: Opener) -> None:
    """No repositories are `[]`, never null."""
    answer = Repository(core(Wiring()), "any").ask("GET", "/v2/_catalog")

    assert answer.body == b'{"repositories":[]}'


@pytest.mark.parametrize("number", ["-1", "x", ""])
def test_a_catalog_size_that_is_no_number_is_refused(repo: Repository, number: str) -> None:
    """`n` is a non-negative integer."""
    assert repo.ask("GET", f"/v2/_catalog?n={number}").error == (400, "PAGINATION_NUMBER_INVALID")


def test_the_catalog_grows_with_the_first_manifest(repo: Repository) -> None:
    """A repository is listed at once when its first manifest is there, and stays when it has been emptied."""
    before = repo.name[:-1]
    target = f"/v2/_catalog?n=1&last={before}"
    built = repo.push(an_index())
    assert repo.ask("GET", target).json["repositories"] == [repo.name]

    repo.ask("DELETE", f"manifests/{built.digest}")

    assert repo.ask("GET", target).json["repositories"] == [repo.name]


@pytest.mark.parametrize("path", ["/v2/_oci/ext/discover", "_oci/ext/discover"])
def test_extensions_are_discovered(repo: Repository, path: str) -> None:
    """Registry and repository answer the list of extensions, each with name, address, description and endpoints."""
    answer = repo.ask("GET", path)

    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    (catalog,) = answer.json["extensions"]
    assert (catalog["name"], catalog["endpoints"]) == ("_catalog", ["/v2/_catalog"])
    assert catalog["url"].startswith("https://")
    assert catalog["description"]
