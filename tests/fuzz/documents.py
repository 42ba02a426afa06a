# SPDX-License-Identifier: Apache-2.0
"""Targets: manifests, configurations, what servers answer to the command line, and the configuration of the server."""

import json
import os
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from email.message import Message
from pathlib import Path

import msgspec
from hypothesis import strategies as st

from entrepot.entry.configuration import CONFIG_VARIABLE
from entrepot.entry.configuration import InvalidConfiguration
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.settings_tree import PREFIX
from entrepot.features.artifacts.facts import facts_of
from entrepot.infra.remote.errors import refusal
from entrepot.kernel.errors import AppError
from entrepot.oci.descriptor import parse_annotations
from entrepot.oci.descriptor import parse_descriptor
from entrepot.oci.descriptor import parse_media_type
from entrepot.oci.digest import digest_of
from entrepot.oci.document import parse_object
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import a_descriptor
from tests.fuzz.inputs import MANIFESTS
from tests.fuzz.inputs import json_bytes
from tests.fuzz.inputs import json_values
from tests.fuzz.inputs import near
from tests.fuzz.target import Check
from tests.fuzz.target import Target
from tests.fuzz.target import target

CONFIGS = (
    A_CONFIG,
    b'{"created":"2026-01-31T12:00:00Z","config":{"Labels":{"a":"b"}},"history":[{"created_by":"x"}],"os":"linux"}',
    b'{"name":"chart","version":"1.0.0","description":"text"}',
)
TYPES = (
    OCI_MANIFEST,
    OCI_INDEX,
    f"{OCI_INDEX}; charset=utf-8",
    "application/vnd.docker.distribution.manifest.v2+json",
    "a/b",
    None,
)
TOML = (
    'data_dir = "/x"\n[server]\nhost = "::1"\nport = 5000\ntrusted_proxies = ["10.0.0.0/8"]\n',
    '[server.tls]\nmode = "auto"\n[limits]\nhead_kib = 16\n[logs]\nlevel = "debug"\n',
    '[registry]\nmax_blob_gib = 1\n[metrics]\naccess = "token"\ntoken = "x"\n[storage]\nurl = "memory://"\n',
)
VARIABLES = (
    "SERVER__PORT",
    "SERVER__TRUSTED_PROXIES",
    "SERVER__TLS__ACME__HOSTS",
    "LIMITS__HEAD_KIB",
    "SERVER",
    "REGISTRY",
)


def _object(payload: bytes) -> None:
    document = parse_object(payload)
    assert parse_object(json.dumps(document).encode()) == document


def _descriptor(value: object) -> None:
    descriptor = parse_descriptor(value, "config")
    assert isinstance(value, dict)
    assert (descriptor.digest, descriptor.size, descriptor.media_type) == (
        value["digest"],
        value["size"],
        value["mediaType"],
    )


def _manifest(given: tuple[bytes, str | None]) -> None:
    payload, content_type = given
    manifest = parse_manifest(payload, content_type)
    assert parse_manifest(payload, manifest.media_type) == manifest
    assert len({blob.digest for blob in manifest.required_blobs}) == len(manifest.required_blobs)
    assert not {blob.digest for blob in manifest.optional_blobs} & {blob.digest for blob in manifest.required_blobs}
    msgspec.json.encode(manifest.referrer_descriptor(digest_of(payload), len(payload)))


def _facts(given: tuple[bytes, bytes]) -> None:
    payload, config = given
    try:
        manifest = parse_manifest(payload, None)
    except AppError:
        manifest = parse_manifest(MANIFESTS[0], None)
    encoded = msgspec.json.encode(facts_of(manifest, config))
    assert b"\\u0000" not in encoded


def _refusal(given: tuple[int, bytes]) -> None:
    status, content = given
    error = refusal("https://registry.example", status, Message(), content, is_by_token=status == 401)
    assert error.message


def _configured(write: Callable[[object], None]) -> Check:
    def check(given: object) -> None:
        write(given)
        with suppress(InvalidConfiguration):
            assert isinstance(load(), Settings)

    return check


@contextmanager
def _configuration() -> Iterator[Check]:
    """Take a file and a variable."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="entrepot-fuzz-") as folder:
        path = Path(folder) / "entrepot.toml"
        os.environ[CONFIG_VARIABLE] = str(path)

        def write(given: object) -> None:
            assert isinstance(given, tuple)
            content, name, value = given
            path.write_bytes(content)
            os.environ[f"{PREFIX}{name}"] = value
            for other in VARIABLES:
                if other != name:
                    os.environ.pop(f"{PREFIX}{other}", None)

        try:
            yield _configured(write)
        finally:
            os.environ.clear()
            os.environ.update(before)


_PAYLOADS = json_bytes(*MANIFESTS)
_ENCODED = near(*TOML).map(lambda text: text.encode("utf-8", "replace"))
_VALUES = near("5000", "10.0.0.0/8,::/0", '["a.example"]', '{"port": 1}').map(lambda text: text.replace("\0", ""))

TARGETS: tuple[Target, ...] = (
    target("document", parse_object, json_bytes(*MANIFESTS, *CONFIGS), _object),
    target(
        "descriptor",
        parse_descriptor,
        st.one_of(
            json_values(),
            st.builds(
                lambda changes: a_descriptor(**changes),
                st.dictionaries(
                    st.sampled_from(
                        ["digest", "size", "mediaType", "urls", "data", "annotations", "platform", "Digest"]
                    ),
                    json_values(),
                    max_size=2,
                ),
            ),
        ),
        _descriptor,
    ),
    target("type of a document", parse_media_type, json_values(), lambda value: parse_media_type(value, "mediaType")),
    target("annotations", parse_annotations, json_values(), lambda value: parse_annotations(value, "annotations")),
    target("manifest", parse_manifest, st.tuples(_PAYLOADS, st.sampled_from(TYPES)), _manifest),
    target("facts", facts_of, st.tuples(_PAYLOADS, json_bytes(*CONFIGS)), _facts),
    target(
        "answer of a server",
        refusal,
        st.tuples(
            st.sampled_from([400, 401, 403, 404, 429, 502]),
            json_bytes(b'{"code":"denied","detail":"no","hint":"x"}', b'{"errors":[{"code":"DENIED","message":"no"}]}'),
        ),
        _refusal,
    ),
    Target("configuration", (load,), st.tuples(_ENCODED, st.sampled_from(VARIABLES), _VALUES), _configuration),
)
