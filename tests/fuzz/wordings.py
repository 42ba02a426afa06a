# SPDX-License-Identifier: Apache-2.0
"""Targets: words that are looked for, patterns of a database, and addresses that a server states."""

import re
import sqlite3
from contextlib import closing

from entrepot.features.search.language import MAX_QUERY_CHARACTERS
from entrepot.features.search.wording import LONGEST_REVISION
from entrepot.features.search.wording import LONGEST_WORD
from entrepot.features.search.wording import as_platform
from entrepot.features.search.wording import as_revision
from entrepot.features.search.wording import words_of
from entrepot.infra.database.globs import pattern
from entrepot.infra.distribution.ways import resolved
from entrepot.infra.http.outbound.url import parse_url
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

UPLOAD = parse_url("https://registry.example:8443/v2/team/app/blobs/uploads/1")


def _words(text: str) -> None:
    words = words_of(text)
    assert all(0 < len(word) <= LONGEST_WORD for word in words)
    assert words_of(" ".join(words)) == words


def _revision(text: str) -> None:
    found = as_revision(text)
    assert found is None or (len(found) <= LONGEST_REVISION and as_revision(found) == found)


def _platform(text: str) -> None:
    found = as_platform(text)
    assert found is None or (found.count("/") < 3 and as_platform(found) == found)


def _glob(text: str) -> None:
    """Every character but the star means itself."""
    text = text.replace("\0", "")[:MAX_QUERY_CHARACTERS]
    filled = text.replace("*", "x")
    with closing(sqlite3.connect(":memory:")) as connection:
        asked = "SELECT ? GLOB ?, ? LIKE ? ESCAPE '\\'"
        both = (filled, pattern(text, "sqlite"), filled, pattern(text, "postgresql"))
        assert connection.execute(asked, both).fetchone() == (1, 1)


def _stated(text: str) -> None:
    found = resolved(text, UPLOAD)
    if re.match(r"/(?!/)|\?", text):
        assert found.origin == UPLOAD.origin


TARGETS: tuple[Target, ...] = (
    target("words of an artifact", words_of, near("Payments API v2", "\u00c4pfel_und-Birnen"), _words),
    target("commit", as_revision, near("9f86d081884c", "v1.2.3-4-gabc"), _revision),
    target("platform", as_platform, near("linux/arm64/v8", "Windows"), _platform),
    target("pattern of tags", pattern, near("1.*", "a[b]?c_%\\"), _glob),
    target("address of an upload", resolved, near("/v2/x?a=b", "?state=1", "https://other.example/x", "//x"), _stated),
)
