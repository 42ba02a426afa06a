# SPDX-License-Identifier: Apache-2.0
"""Listing tags, all of them or page by page (end-8)."""

import re

import pytest

from tests.builders.manifests import an_index
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

TAGS = ["1", "10", "2", "A", "Z", "_", "a", "a-1", "a.1", "aa", "b"]
NEXT = re.compile(r'<(/v2/[^>]+)>; rel="next"')


@pytest.fixture
def tagged(repo: Repository) -> Repository:
    """A repository with tags, pushed out of order."""
    repo.push(an_index(), *reversed(TAGS))
    return repo


def pages(repo: Repository, target: str) -> list[list[str]]:
    """Follow `Link` from page to page and return the tags of each."""
    found: list[list[str]] = []
    while target:
        answer = repo.ask("GET", target)
        assert answer.status == 200
        found.append(answer.json["tags"])
        link = NEXT.fullmatch(answer.header("link") or "")
        target = link[1] if link else ""
    return found


def test_tags_are_listed_in_bytewise_order(tagged: Repository) -> None:
    """Digits before capitals before small letters, as JSON with the repository's name and no Link."""
    answer = tagged.ask("GET", "tags/list")

    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert answer.json == {"name": tagged.name, "tags": TAGS}
    assert answer.header("link") is None


def test_head_of_a_list_is_get_without_its_body(tagged: Repository) -> None:
    """HEAD announces the length of the list."""
    length = len(tagged.ask("GET", "tags/list").body)

    assert tagged.ask("HEAD", "tags/list").header("content-length") == str(length)


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_pages_lead_through_the_whole_list(tagged: Repository, size: int) -> None:
    """Each page is full and links to the next, the last one to none; together they are the list."""
    found = pages(tagged, f"tags/list?n={size}")

    assert [tag for page in found for tag in page] == TAGS
    assert {len(page) for page in found[:-1]} <= {size}


@pytest.mark.parametrize("size", [11, 12, 10_001, 10**17])
def test_a_page_that_holds_all_links_nowhere(tagged: Repository, size: int) -> None:
    """A number beyond what there is, or beyond what is served at once, is no error."""
    assert pages(tagged, f"tags/list?n={size}") == [TAGS]


def test_a_page_of_nothing_is_empty(tagged: Repository) -> None:
    """`n=0` answers an empty list without a Link."""
    answer = tagged.ask("GET", "tags/list?n=0")

    assert (answer.json["tags"], answer.header("link")) == ([], None)


@pytest.mark.parametrize(
    ("last", "follow"), [("2", TAGS[3:]), ("b", []), ("11", TAGS[2:]), ("zzz", []), ("", TAGS), ("a", TAGS[7:])]
)
def test_a_list_goes_on_behind_any_name(tagged: Repository, last: str, follow: list[str]) -> None:
    """`last` need not exist nor come with `n`: what sorts behind it is listed."""
    assert tagged.tags(("last", last)) == follow


def test_a_page_begins_behind_the_last_one(tagged: Repository) -> None:
    """`n` and `last` together are one page."""
    assert tagged.tags(("n", "2"), ("last", "10")) == ["2", "A"]


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "", "1" * 19, "%D9%A1"])
def test_a_size_that_is_no_number_is_refused(tagged: Repository, number: str) -> None:
    """`n` is a non-negative integer in decimal."""
    assert tagged.ask("GET", f"tags/list?n={number}").error == (400, "PAGINATION_NUMBER_INVALID")


def test_a_repeated_size_is_refused(tagged: Repository) -> None:
    """A parameter that counts once must not come twice."""
    assert tagged.ask("GET", "tags/list?n=1&n=2").error == (400, "INVALID_REQUEST")


def test_a_missing_repository_has_no_tags(repo: Repository) -> None:
    """A repository that nobody pushed to answers 404."""
    assert repo.ask("GET", "tags/list").error == (404, "NAME_UNKNOWN")


def test_a_repository_of_blobs_alone_is_not_there_yet(repo: Repository) -> None:
    """A repository appears with its first manifest: one that was refused leaves none behind."""
    repo.upload(b"a blob")

    assert repo.ask("GET", "tags/list").error == (404, "NAME_UNKNOWN")


def test_a_list_without_tags_is_empty(repo: Repository) -> None:
    """A repository whose manifests have no tags answers `[]`, never null."""
    repo.push(an_index())

    assert b'"tags":[]' in repo.ask("GET", "tags/list").body


def test_deleted_tags_are_not_listed(tagged: Repository) -> None:
    """A tag that was deleted, or that lost its manifest, is gone from the list."""
    tagged.ask("DELETE", "manifests/A")
    assert tagged.tags() == [tag for tag in TAGS if tag != "A"]

    tagged.ask("DELETE", f"manifests/{an_index().digest}")
    assert tagged.tags() == []


def test_a_tag_moves_with_the_next_push(tagged: Repository) -> None:
    """The same tag on another manifest is one tag, and it leads to the new one; the others stay."""
    moved = tagged.push(an_index(annotations={"which": "second"}), "a")

    assert tagged.ask("GET", "manifests/a").body == moved.payload
    assert tagged.ask("GET", "manifests/aa").body == an_index().payload
    assert tagged.tags() == TAGS


def test_long_lists_come_in_pages_without_being_asked(core: Opener) -> None:
    """More tags than are served at once answer the first of them and a Link, with `n` and without."""
    repo = Repository(core(Wiring(settings={"max_page_size": 4})), "many/tags")
    repo.push(an_index(), *TAGS)

    assert pages(repo, "tags/list") == [TAGS[:4], TAGS[4:8], TAGS[8:]]
    assert pages(repo, "tags/list?n=1000") == [TAGS[:4], TAGS[4:8], TAGS[8:]]


def test_a_manifest_that_lost_its_tag_is_still_there(tagged: Repository) -> None:
    """Moving a tag deletes nothing: what it pointed at before is pulled by its digest."""
    before = tagged.push(an_index(annotations={"which": "first"}), "only")
    tagged.push(an_index(annotations={"which": "second"}), "only")

    assert tagged.has(before)
