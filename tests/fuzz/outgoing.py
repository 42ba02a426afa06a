# SPDX-License-Identifier: Apache-2.0
"""Targets: addresses to connect to, what other servers say, and checkpoints that others leave here."""

from entrepot.features.audit.checkpoints import claimed
from entrepot.features.audit.keys import generate_key
from entrepot.features.imports.dates import parse_moment
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.paging import MAX_NAME_CHARACTERS
from entrepot.infra.distribution.paging import parse_names
from entrepot.infra.http.outbound.retrying import LONGEST_SECONDS
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.infra.http.outbound.url import parse_url
from entrepot.kernel.clock import Milliseconds
from tests.fuzz.inputs import near
from tests.fuzz.target import target

NOW = Milliseconds(1_794_000_000_000)
URLS = (
    "https://hooks.example.org/path?query=1",
    "http://127.0.0.1:8080/",
    "http://0x7f.1/",
    "https://[::ffff:127.0.0.1]:443/a",
    "http://xn--bcher-kva.example.:80",
    "https://user:pass@example.org/#fragment",
)
MOMENTS = ("120", "Fri, 06 Nov 2026 21:21:00 GMT", "Fri, 06 Nov 0000 99:99:99 +9999")
SAID = b'{"iss":"entrepot/home","iat":1,"seq":2,"hash":"%b","previous":1}' % (b"0" * 64)
TOKEN = generate_key().sign(SAID)


def _url(text: str) -> None:
    url = parse_url(text)
    again = parse_url(f"{url.origin}{url.path}{'?' if url.query else ''}{url.query}")
    assert again == url
    assert url.literal is None or str(url.literal) == url.host


def _retry_after(text: str) -> None:
    seconds = retry_after_seconds({"retry-after": text}, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS


def _checkpoint(text: str) -> None:
    said = claimed(text)
    assert said is None or 0 <= said.previous < said.seq


def _created(text: str) -> None:
    moment = parse_moment(text)
    assert moment is None or moment >= 0


def _names(body: bytes) -> None:
    try:
        names = parse_names(body, "tags")
    except CopyingFailed:
        # It is the other registry that is wrong, which is no mistake of whoever asks here.
        return
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= MAX_NAME_CHARACTERS for name in names)


TARGETS = (
    target(
        "when artifacts were made", parse_moment, near("2026-01-31T12:00:00.25+01:00", "0001-01-01T00:00:00Z"), _created
    ),
    target(
        "lists of other registries", parse_names, near('{"name":"a","tags":["1.0","2.0",null]}').map(str.encode), _names
    ),
    target("outgoing addresses", parse_url, near(*URLS), _url),
    target("moments to come again", retry_after_seconds, near(*MOMENTS), _retry_after),
    target("checkpoints of others", claimed, near(TOKEN), _checkpoint),
)
