# SPDX-License-Identifier: Apache-2.0
"""Targets: what the console sends: cursors, places in the stream of events, cookies, and what people look for."""

import re
import sqlite3
from contextlib import nullcontext

from hypothesis.strategies import SearchStrategy

from entrepot.features.artifacts.places import bin_cursor
from entrepot.features.artifacts.places import bin_place
from entrepot.features.artifacts.places import push_cursor
from entrepot.features.artifacts.places import push_place
from entrepot.features.artifacts.places import tag_cursor
from entrepot.features.artifacts.places import tag_place
from entrepot.features.artifacts.routes import MAX_FILTER_CHARACTERS
from entrepot.features.events.models import parse_place
from entrepot.features.events.models import place_text
from entrepot.features.search.comparing import format_bytes
from entrepot.features.search.comparing import format_moment
from entrepot.features.search.comparing import parse_bytes
from entrepot.features.search.comparing import parse_moment
from entrepot.features.search.language import format_artifact_query
from entrepot.features.search.language import parse_artifact_query
from entrepot.features.search.query import parse_query
from entrepot.features.search.territory import beginning_first
from entrepot.features.sessions.models import read_cookie
from entrepot.features.sessions.models import renew_cookie
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import SESSION_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.infra.database.containing import containing
from entrepot.infra.http.paging import cursor_to
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import parse_tag
from entrepot.registry.store.listed_artifacts import LONGEST
from entrepot.registry.store.listed_tags import TaggedManifest
from entrepot.registry.store.listed_tags import TagOrder
from tests.fuzz.inputs import DIGEST
from tests.fuzz.inputs import near
from tests.fuzz.names import NAMES
from tests.fuzz.target import Target
from tests.fuzz.target import target

NOW = Milliseconds(1_800_000_000_000)
LASTING = new_secret(SESSION_PREFIX, new_ulid())
COOKIE = f"{LASTING}_{'0' * 64}"
_SQL = sqlite3.connect(":memory:", check_same_thread=False)


def _tag_place(cursor: str) -> None:
    for order in TagOrder:
        place = tag_place(order, cursor)
        if place is not None and parse_tag(place.name):
            tagged = TaggedManifest(parse_tag(place.name), parse_digest(DIGEST), place.updated_at, "", "", None)
            assert tag_place(order, tag_cursor(order, tagged)) == place


def _push_place(cursor: str) -> None:
    place = push_place(cursor)
    assert (place is None) == (cursor == "")
    assert place is None or push_place(cursor_to(push_cursor(place))) == place


def _bin_place(cursor: str) -> None:
    place = bin_place(cursor)
    assert place <= LONGEST
    assert place == LONGEST or bin_place(cursor_to(bin_cursor(place))) == place


def _event_place(text: str) -> None:
    place = parse_place(text)
    assert place is None or parse_place(place_text(place)) == place


def _session_cookie(text: str) -> None:
    presented = read_cookie(text)
    if presented is not None:
        assert presented.lasting == LASTING
        assert presented.turn_sha256 == digest_of_secret(text.removeprefix(f"{LASTING}_"))
        issued = renew_cookie(presented)
        assert read_cookie(issued.text) == issued.presented


def _query(text: str) -> None:
    query = parse_query(text)
    for place in query.digests:
        assert re.fullmatch(r"sha(256|512):[0-9a-f]+", place.beginning)
    for part in (query.name, *(place.repository for place in (query.tag, *query.digests) if place)):
        assert re.fullmatch(r"[a-z0-9._/-]*", part)
    assert query == parse_query(f" {text}\n")


def _artifact_query(text: str) -> None:
    query = parse_artifact_query(text)
    assert parse_artifact_query(format_artifact_query(query)) == query


def _bytes(text: str) -> None:
    value = parse_bytes(text)
    assert parse_bytes(format_bytes(value)) == value


def _moment(text: str) -> None:
    value = parse_moment(text)
    assert parse_moment(format_moment(value)) == value


def _spans(text: str) -> None:
    name = parse_query(text).name
    spans = beginning_first(name)
    for each in (*NAMES, name, f"{name}a", f"a{name}"):
        places = [number for number, span in enumerate(spans) if span.first <= each < span.end]
        assert len(places) == 1
        assert (places == [0]) == each.startswith(name)


def _pattern(text: str) -> None:
    pattern = containing(text)
    for name in (*NAMES, "100%_a\\b", text):
        if name.isascii() and "\0" not in name + text:
            [found] = _SQL.execute("SELECT ? LIKE ? ESCAPE '\\'", (name, pattern)).fetchone()
            assert bool(found) == (text.lower() in name.lower())


def _as_a_filter(texts: SearchStrategy[str]) -> SearchStrategy[str]:
    """Cut texts to what the routes let through."""
    return texts.map(lambda text: text[:MAX_FILTER_CHARACTERS])


TARGETS: tuple[Target, ...] = (
    target("cursor of tags", tag_place, near(cursor_to("v1"), cursor_to(f"{NOW}:v1")), _tag_place),
    target("cursor of artifacts", push_place, near(cursor_to(f"{NOW}:{DIGEST}"), cursor_to("")), _push_place),
    target("cursor of the bin", bin_place, near(cursor_to(f"{NOW}:{DIGEST}"), cursor_to("")), _bin_place),
    Target("place of an event", (parse_place, place_text), near("712-5", "0-0"), lambda: nullcontext(_event_place)),
    target("session cookie", read_cookie, near(COOKIE, new_secret(CREDENTIAL_PREFIX, new_ulid())), _session_cookie),
    target("search", parse_query, near(*NAMES, "team/app:v1", f"team/app@{DIGEST}", DIGEST[7:20], ":v1"), _query),
    target(
        "search for artifacts",
        parse_artifact_query,
        near("redis -type:helm size:>1.5GiB", 'annotation:a="b \\" c" pushed:>=2026-01-31', "tag:1.* is:untagged"),
        _artifact_query,
    ),
    target("comparison of sizes", parse_bytes, near(">1.5GiB", "<=100MB", "0"), _bytes),
    target("comparison of moments", parse_moment, near(">=2026-01-31", "<30d", "never"), _moment),
    target("spans of a search", beginning_first, near(*NAMES, "te", ""), _spans),
    target("part of a name", containing, _as_a_filter(near(*NAMES, "100%", "a_b", "\\")), _pattern),
)
