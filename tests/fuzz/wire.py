# SPDX-License-Identifier: Apache-2.0
"""Targets: what requests bring in headers, paths, queries and scopes."""

from contextlib import suppress
from ipaddress import ip_address
from ipaddress import ip_network
from urllib.parse import urlencode

from hypothesis import strategies as st

from entrepot.features.tokens.keys import KeyRing
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.scopes import MAX_SCOPES
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.infra.http.forwarded import trace
from entrepot.infra.http.paging import cursor_to
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.ranges import MAX_RANGES
from entrepot.infra.http.ranges import Unsatisfiable
from entrepot.infra.http.ranges import parse_range
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import parse_query
from entrepot.infra.http.serving.refusal import Refusal
from entrepot.infra.http.serving.request_head import body_length
from entrepot.infra.http.serving.request_head import parse_target
from entrepot.kernel.errors import InvalidRequest
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.http.headers import chunk_range
from entrepot.registry.http.headers import page_limit
from entrepot.registry.http.routing import route
from tests.builders.asgi import a_request
from tests.fuzz.inputs import DIGEST
from tests.fuzz.inputs import near
from tests.fuzz.inputs import near_header
from tests.fuzz.inputs import near_path
from tests.fuzz.target import Target
from tests.fuzz.target import target

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]
RANGES = ("bytes=0-99", "bytes=-5", "bytes=7-", "bytes=0-1,5-6, 9-", "bytes=500-0")
PATHS = (
    "/v2/",
    f"/v2/team/app/manifests/{DIGEST}",
    "/v2/team/app/tags/list",
    "/v2/blobs/uploads/blobs/uploads/01JD2F7ZK3Q8V5T6X9Y0B1C2D4",
    "/v2/a/_oci/ext/discover",
)
FORWARDED = ('for=192.0.2.1;proto=https;host="a.example:8443", for=10.0.0.1', 'For="[2001:db8::1]:4711"', "for=_hidden")
PAYLOAD = b'{"sub":"user:alice"}'
KEY = generate_key()
RING = KeyRing([KEY])


def _range(given: tuple[str, int]) -> None:
    header, size = given
    found = parse_range(header, size)
    if isinstance(found, list):
        assert 0 < len(found) <= MAX_RANGES
        assert all(0 <= span.start < span.stop <= size for span in found)
        again = parse_range(f"bytes={','.join(f'{span.start}-{span.stop - 1}' for span in found)}", size)
        assert again == found
    else:
        assert found is None or isinstance(found, Unsatisfiable)


def _chunk_range(given: tuple[str, str]) -> None:
    place, length = given
    found = chunk_range(_headed(("content-range", place), ("content-length", length)))
    if found is not None:
        assert 0 <= found[0] <= found[1]
        assert int(length) == found[1] - found[0] + 1
        assert chunk_range(_headed(("content-range", f"{found[0]}-{found[1]}"))) == found


def _content_length(text: str) -> None:
    request = _headed(("content-length", text))
    length = request.content_length
    assert length is not None
    assert 0 <= length < 10**18


def _headed(*headers: tuple[str, str]) -> Request:
    return a_request("PATCH", "/v2/", headers)


def _query(query: str) -> None:
    found = parse_query(a_request("GET", f"/v2/_catalog?{query}").scope["query_string"])
    assert "\0" not in "".join(value for values in found.values() for value in values)
    assert parse_query(urlencode(found, doseq=True).encode()) == found


def _page_limit(text: str) -> None:
    assert 0 <= page_limit(a_request("GET", f"/?{urlencode({'n': text})}"), 100, 1_000) <= 1_000


def _route(path: str) -> None:
    found = route(path)
    if found is not None and found.repository:
        assert "\0" not in found.repository
        assert "/" not in found.reference
        with suppress(InvalidRequest):
            assert parse_repository_name(found.name) == found.repository


def _cursor(cursor: str) -> None:
    key = key_of(cursor)
    assert cursor_to(key) == cursor
    assert key.isprintable()


def _forwarded(fields: list[tuple[str, str]]) -> None:
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in fields]
    origin = trace("10.0.0.1", headers, PROXIES)
    assert str(ip_address(origin.address)) == origin.address
    assert origin.scheme in ("", "http", "https")
    assert origin.host is None or str(origin.host).isascii()
    assert origin.port is None or 0 < origin.port < 65_536


def _scopes(values: list[str]) -> None:
    found = parse_scopes(values)
    assert len(found) <= MAX_SCOPES
    written = [f"{each.type}:{each.name}:{','.join(sorted(each.actions))}" for each in found]
    assert all(scope.isascii() and scope.isprintable() for scope in written)
    assert not found or set(parse_scopes(written)) == set(found)


def _token(text: str) -> None:
    assert RING.verified_payload(text) in (None, PAYLOAD)


def _target(url: bytes) -> None:
    with suppress(Refusal):
        found = parse_target(url)
        assert found.path.startswith(b"/") or found.path == b"*"
        assert b"?" not in found.path
        assert b"@" not in found.authority


def _body_length(given: tuple[str, list[tuple[bytes, bytes]]]) -> None:
    version, fields = given
    with suppress(Refusal):
        length = body_length(version, fields)
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        assert (length is None) == bool(codings)
        assert [coding.lower() for coding in codings] in ([], [b"chunked"])
        assert sum(name == b"host" for name, _ in fields) <= 1


def _joined(*lists: str) -> st.SearchStrategy[str]:
    return st.lists(near_header(*lists), min_size=1, max_size=3).map(", ".join)


_FIELD = st.one_of(
    st.tuples(st.just("forwarded"), _joined(*FORWARDED)),
    st.tuples(st.just("x-forwarded-for"), _joined("192.0.2.1", "10.0.0.1", "2001:db8::1", "[::1]:80")),
    st.tuples(st.just("x-forwarded-proto"), near_header("https", "http")),
    st.tuples(st.just("x-forwarded-host"), near_header("a.example", "[::1]:8443")),
    st.tuples(st.just("x-forwarded-port"), near_header("8443")),
)
_FRAMING = st.tuples(
    st.sampled_from([b"host", b"transfer-encoding", b"a"]),
    near_header("chunked", "gzip, chunked", "h", "Chunked").map(lambda text: text.encode("latin-1")),
)
_SCOPE = near_header("repository:team/app:pull,push", "registry:catalog:*", "repository(plugin):h:5000/a:pull a:b:c")

TARGETS: tuple[Target, ...] = (
    target("range", parse_range, st.tuples(near_header(*RANGES), st.integers(0, 10**6)), _range),
    target(
        "chunk", chunk_range, st.tuples(near_header("0-1023", "bytes 0-9/10"), near_header("1024", "10")), _chunk_range
    ),
    target("length", Request, near_header("0", "1024"), _content_length),
    target("query", parse_query, near_path("n=10&last=a%2Fb", "tag=a&tag=b").map(lambda path: path[1:]), _query),
    target("page size", page_limit, near("0", "10", "9999"), _page_limit),
    target("path", route, near_path(*PATHS), _route),
    target("cursor", key_of, near(cursor_to("team/app"), cursor_to("")), _cursor),
    target("forwarded", trace, st.lists(_FIELD, max_size=4), _forwarded),
    target("scopes", parse_scopes, st.lists(_SCOPE, max_size=4), _scopes),
    target("token", KeyRing.verified_payload, near(KEY.sign(PAYLOAD), generate_key().sign(PAYLOAD)), _token),
    target("request target", parse_target, near("/v2/?n=1", "http://a.example/v2/", "*").map(str.encode), _target),
    target(
        "framing",
        body_length,
        st.tuples(st.sampled_from(["1.1", "1.0", "2.0"]), st.lists(_FRAMING, max_size=4)),
        _body_length,
    ),
)
