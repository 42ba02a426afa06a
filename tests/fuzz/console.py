# SPDX-License-Identifier: Apache-2.0
"""Targets: what the console sends: cursors, places in the stream of events, cookies, and what people look for."""

import sqlite3

from entrepot.features.artifacts.places import bin_cursor
from entrepot.features.artifacts.places import bin_place
from entrepot.features.artifacts.places import push_cursor
from entrepot.features.artifacts.places import push_place
from entrepot.features.artifacts.places import tag_cursor
from entrepot.features.artifacts.places import tag_place
from entrepot.features.events.models import parse_place
from entrepot.features.events.models import place_text
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
