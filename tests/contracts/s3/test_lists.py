# SPDX-License-Identifier: Apache-2.0
"""The fake S3 lists keys as S3 does."""

import pytest

from tests.contracts.s3.client import Answered
from tests.contracts.s3.client import Client

KEYS = ("a/1", "a/2", "a/b/3", "b", "ü &")


@pytest.fixture(autouse=True)
def keys(client: Client) -> None:
    """What there is to list."""
    for key in KEYS:
        client.ask("PUT", key, body=b"x")


def listed(client: Client, **query: str) -> Answered:
    """Ask for a page."""
    return client.ask("GET", "", (("list-type", "2"), *((name.replace("_", "-"), query[name]) for name in query)))


def test_keys_are_listed_in_pages(client: Client) -> None:
    """Each says how the next is asked for."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = listed(client, max_keys="2", **token)
        found += page.all("Key")
        if page.one("IsTruncated") == "false":
            break
        token = {"continuation_token": page.one("NextContinuationToken")}

    assert found == list(KEYS)


def test_those_with_a_prefix_and_those_after_a_key(client: Client) -> None:
    """Alone."""
    assert listed(client, prefix="a/", start_after="a/1").all("Key") == ["a/2", "a/b/3"]


def test_what_shares_the_part_before_a_delimiter_is_one_prefix(client: Client) -> None:
    """It counts as one of a page."""
    page = listed(client, prefix="a/", delimiter="/", max_keys="3")

    assert (page.all("Key"), page.all("Prefix"), page.one("IsTruncated")) == (["a/1", "a/2"], ["a/", "a/b/"], "false")
    assert page.one("KeyCount") == "3"


def test_keys_are_encoded_for_whoever_asks(client: Client) -> None:
    """Since XML cannot hold every key."""
    assert listed(client, prefix="ü", encoding_type="url").all("Key") == ["%C3%BC%20%26"]


def test_a_token_that_nobody_gave_is_refused(client: Client) -> None:
    """So is a number that is none."""
    assert listed(client, continuation_token="ü").one("Code") == "InvalidArgument"
    assert listed(client, max_keys="many").one("Code") == "InvalidArgument"
