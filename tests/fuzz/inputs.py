# SPDX-License-Identifier: Apache-2.0
"""Inputs near to what parsers take: good ones, changed in a few places, repeated, and nested."""

import json
import random
import string
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

DIGEST = digest_of(b"content")
LONG_DIGEST = digest_of(b"content", "sha512")

MAX_CHARACTERS = 100_000
MAX_HEAD_CHARACTERS = ConnectionLimits().head_kib * 1024

_CONTROLS = dict.fromkeys([*range(9), *range(10, 32), 127])

# What means something to one parser or another, and what only looks like it.
_SNIPPETS = [
    "",
    *"/:@.,;=*-_+~%&?#\"'\\ \t()[]{}<>|$!`0aZ",
    *["..", "//", "::", "**", "/**", "--", "__", "%2F", "%00", "%0d%0a", "%25", "%zz", "%e2%82", "\0", "\n", "\r\n"],
    *[
        "\u0661",
        "\xb2",
        "\u2167",
        "\u017f",
        "\u212a",
        "\u0130",
        "\xdf",
        "\xe9",
        "\xff",
        "\u2028",
        "\ufeff",
        "\U0001f600",
        "\x7f",
        "\x85",
        "\xa0",
    ],
    *["-1", "+1", "1_000", "0x10", "1e9", "9" * 18, "9" * 19, "9" * 400, "NaN", "null", "true", "a" * 200],
    *["sha256:", "sha512:", "sha256-", DIGEST, "ent_", "entr_", "user:", "robot:", "bytes=", "bytes ", "Basic "],
    *["Bearer ", "http://", "https://", "[::1]", "127.0.0.1", ":5000", ":65536", "localhost", "xn--", "for=", 'host="'],
]


def _changed_text(text: str, edits: int, seed: int) -> str:
    """Replace pieces at random: much faster than to have hypothesis decide each, and fewer edits are still simpler."""
    chance = random.Random(seed)
    for _ in range(edits):
        start = chance.randint(0, len(text))
        snippet = chance.choice(_SNIPPETS) if chance.random() < 0.9 else chr(chance.randrange(0xD800))
        text = text[:start] + snippet + text[start + chance.randint(0, 5) :]
    return text


def _edited(seeds: Sequence[str]) -> SearchStrategy[str]:
    return st.builds(_changed_text, st.sampled_from(seeds), st.integers(0, 4), st.integers(0, 2**40))


def near(*seeds: str) -> SearchStrategy[str]:
    """Make texts like `seeds`: each in up to four places otherwise, or with one piece again and again; or any text."""
    edited = _edited(seeds)
    pieces = st.one_of(st.sampled_from(_SNIPPETS), edited)
    repeated = st.builds(
        lambda before, piece, count, after: (before + piece * count)[:MAX_CHARACTERS] + after,
        edited,
        pieces,
        st.sampled_from([2, 30, 500, 5_000, MAX_CHARACTERS]),
        edited,
    )
    return st.one_of(edited, edited, edited, repeated, st.text(max_size=40))


def near_header(*seeds: str) -> SearchStrategy[str]:
    """Make values that a header can have: bytes, but for the control characters that the connection refuses."""
    return near(*seeds).map(_as_header)


def _as_header(text: str) -> str:
    return text[:MAX_HEAD_CHARACTERS].encode().decode("latin-1").translate(_CONTROLS)


def near_path(*seeds: str) -> SearchStrategy[str]:
    """Make request targets: what is not printable ASCII is percent-encoded, as the connection insists."""
    return near(*seeds).map(_as_path)


def _as_path(text: str) -> str:
    return "/" + quote(text[:MAX_HEAD_CHARACTERS], safe=string.punctuation).lstrip("/")


def from_shell(*seeds: str) -> SearchStrategy[str]:
    """Make arguments of a command: like `near`, and bytes that are no UTF-8, as Python passes them on."""
    return st.one_of(
        near(*seeds), st.builds(lambda text, at: text[:at] + "\udcff" + text[at:], near(*seeds), st.integers(0, 9))
    )


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(
        [0, 1, 2, 7, 2**53, 2**63, 10**30, "", DIGEST, OCI_LAYER_GZIP, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST]
    ),
    near(DIGEST, OCI_LAYER_GZIP, "2026-01-31T12:00:00Z", "amd64", "unknown"),
)
_NAMES = st.sampled_from(
    [
        *["schemaVersion", "mediaType", "artifactType", "config", "layers", "blobs", "manifests", "subject"],
        *["annotations", "digest", "size", "urls", "data", "platform", "os", "architecture", "variant", "os.version"],
        *["SchemaVersion", "mediatype", "LAYERS", "\u017fubject", "history", "created", "created_by", "empty_layer"],
        *["Labels", "rootfs", "name", "version", "description", "org.opencontainers.image.created", "fsLayers"],
    ]
)


def json_values() -> SearchStrategy[Any]:
    """Make values that JSON can say, with the names that manifests and configurations have."""
    return st.recursive(
        _SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.one_of(_NAMES, st.text(max_size=5)), inner, max_size=5)
        ),
        max_leaves=12,
    )


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> bytes:
    return json.dumps({**document, **changes}).encode()


def json_bytes(*seeds: bytes) -> SearchStrategy[bytes]:
    """Make documents like `seeds`: with other members, other bytes, nested deeply, or long."""
    changes = st.dictionaries(_NAMES, json_values(), max_size=3)
    parsed = [json.loads(seed) for seed in seeds]
    texts = [seed.decode() for seed in seeds]
    nests = st.builds(
        lambda opening, depth, closing: (opening * depth + closing * depth).encode(),
        st.sampled_from(["[", '{"a":', '[{"a":', '{"layers":[']),
        st.sampled_from([10, 63, 64, 65, 900, 20_000]),
        st.sampled_from(["]", "}", "}]", ""]),
    )
    return st.one_of(
        st.builds(_changed, st.sampled_from(parsed), changes),
        near(*texts).map(lambda text: text.encode("utf-8", "replace")),
        st.builds(lambda before, after: before + b"\xff" + after, st.sampled_from(seeds), st.binary(max_size=9)),
        st.binary(max_size=60),
        nests,
        st.builds(
            lambda unit, count: b"[" + unit * min(count, MAX_MANIFEST_BYTES // len(unit)),
            st.sampled_from([b"{},", b"1,", b'"",']),
            st.sampled_from([10, 100_000]),
        ),
    )


MANIFESTS = (
    an_image_manifest().payload,
    an_image_manifest(subject={"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": 7}, artifactType="a/b").payload,
    an_index({"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": 7, "platform": {"os": "linux"}}).payload,
    an_index(annotations={"a": "b"}).payload,
)
