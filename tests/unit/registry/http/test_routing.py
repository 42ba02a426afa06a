# SPDX-License-Identifier: Apache-2.0
"""Which address means what: every repository name works with every endpoint."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import NameInvalid
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.http.routing import Endpoint
from entrepot.registry.http.routing import Route
from entrepot.registry.http.routing import route

OWN_WORDS = ["blobs", "manifests", "uploads", "tags", "list", "referrers", "ext", "discover", "v2", "catalog"]
PLAIN = st.from_regex(r"[a-z0-9]{1,4}(?:(?:\.|__?|-{1,2})[a-z0-9]{1,3}){0,2}", fullmatch=True)
NAMES = st.lists(st.sampled_from(OWN_WORDS) | PLAIN, min_size=1, max_size=6).map("/".join)
DIGEST = digest_of(b"")
TAGS = st.sampled_from([*OWN_WORDS, "_catalog", "_oci", "v1.2-rc"]) | st.from_regex(
    r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,9}", fullmatch=True
)


def encoded(text: str) -> str:
    """Write every character of a segment as its code."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


@given(name=NAMES, tag=TAGS)
def test_every_address_of_a_repository_is_recognised(name: str, tag: str) -> None:
    """Whatever a repository is called, its name and the reference come out of each address as they went in."""
    parse_repository_name(name)
    upload = new_ulid()
    addresses = {
        "tags/list": Route(Endpoint.TAGS, name),
        f"manifests/{tag}": Route(Endpoint.MANIFEST, name, tag),
        f"manifests/{DIGEST}": Route(Endpoint.MANIFEST, name, DIGEST),
        f"blobs/{DIGEST}": Route(Endpoint.BLOB, name, DIGEST),
        f"referrers/{DIGEST}": Route(Endpoint.REFERRERS, name, DIGEST),
        "blobs/uploads": Route(Endpoint.UPLOADS, name),
        "blobs/uploads/": Route(Endpoint.UPLOADS, name),
        f"blobs/uploads/{upload}": Route(Endpoint.UPLOAD, name, upload),
        "_oci/ext/discover": Route(Endpoint.DISCOVER, name),
    }

    assert {tail: route(f"/v2/{name}/{tail}") for tail in addresses} == addresses


@given(name=NAMES, tag=TAGS)
def test_every_address_may_be_percent_encoded(name: str, tag: str) -> None:
    """A segment means the same written in codes; only the slashes between segments stay slashes."""
    segments = [*name.split("/"), "manifests", tag]

    assert route("/v2/" + "/".join(map(encoded, segments))) == Route(Endpoint.MANIFEST, name, tag)
    assert route(f"/v2/{name}/blobs/{quote(DIGEST)}") == Route(Endpoint.BLOB, name, DIGEST)


@given(path=st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_no_path_breaks_anything(path: str) -> None:
    """Any bytes are an address, none, or refused as an invalid name; so is the name in them."""
    for text in (
        path,
        f"/v2/{path}",
        f"/v2/{path}/manifests/v1",
        f"/v2/a/blobs/{path}",
        f"/v2/{quote(path)}/tags/list",
    ):
        with suppress(NameInvalid):
            found = route(text)
            if found is not None and found.repository:
                parse_repository_name(found.name)


@given(path=st.lists(st.sampled_from([*OWN_WORDS, "", "a", "_oci", "_catalog", "%2F", "%", ".."]), max_size=7))
def test_no_mixture_of_known_words_breaks_anything(path: list[str]) -> None:
    """Addresses made of the API's own words in any order are an address, none, or refused; nothing is made up."""
    text = "/v2/" + "/".join(path)
    with suppress(NameInvalid):
        found = route(text)
        assert found is None or (found.repository in text and found.reference in text)


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v2/", Endpoint.PING),
        ("/v2", Endpoint.PING),
        ("/v2/_catalog", Endpoint.CATALOG),
        ("/v2/_oci/ext/discover", Endpoint.DISCOVER),
    ],
)
def test_addresses_without_a_repository_are_recognised(path: str, endpoint: Endpoint) -> None:
    """What belongs to the registry as a whole names no repository."""
    assert route(path) == Route(endpoint)


ELSEWHERE = ["", "/", "/v1/", "/v2x", "/v2/" + "a/" * 1100 + "tags/list"]
INCOMPLETE = ["/v2/a", "/v2/a/tags", "/v2/tags/list", "/v2/a/manifests/", "/v2/a/blobs/", "/v2/blobs/uploads/"]


@pytest.mark.parametrize("path", [*ELSEWHERE, *INCOMPLETE, "/v2/a/tags/list/", "/v2/_catalog/"])
def test_other_paths_are_no_addresses(path: str) -> None:
    """What is not in the specification is not guessed at."""
    assert route(path) is None


@pytest.mark.parametrize("segment", ["a%2Fb", "a%00", "%FF", "%C3%28"])
def test_what_no_name_can_hold_is_refused(segment: str) -> None:
    """An encoded slash, a NUL and what is not UTF-8 answer 400 instead of meaning something else."""
    with pytest.raises(NameInvalid):
        route(f"/v2/{segment}/tags/list")
