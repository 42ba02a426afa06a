# SPDX-License-Identifier: Apache-2.0
"""Targets: what is said of webhooks, and what an own template makes of whatever happens."""

import json
from typing import Any

from hypothesis import strategies as st

from entrepot.features.events import NAMES
from entrepot.features.events import parse_event_filter
from entrepot.features.webhooks.formats.template import parse_template
from entrepot.features.webhooks.models import check_headers
from entrepot.features.webhooks.signing import SECRET_BYTES
from entrepot.features.webhooks.signing import key_of
from tests.fuzz.inputs import json_values
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

TEMPLATES = near(
    '{"text": "{{ data.repository }}:{{ data.tag }}"}',
    '["{{ data.after.list.1 }}", "{{ type ?? \'-\' }}"]',
    '"{{{{ }}"',
)
HEADERS = st.dictionaries(near("Authorization", "X-Token", "Host"), near("Bearer x", "\r\nX: y"), max_size=3)


def _filter(text: str) -> None:
    names = parse_event_filter(text)
    assert names
    assert names <= NAMES


def _template(given: tuple[str, Any]) -> None:
    text, data = given
    document = {"type": "entrepot.tag.moved", "data": data}
    json.loads(parse_template(text).rendered(document))
    parse_template(text, "text/plain").rendered(document)


def _headers(headers: dict[str, str]) -> None:
    for name, value in check_headers(headers).items():
        assert not set(name + value) & set("\r\n\0")


def _secret(text: str) -> None:
    assert len(key_of(text)) == SECRET_BYTES


TARGETS: tuple[Target, ...] = (
    target("filter of events", parse_event_filter, near("tag.moved", "tag.*", "*"), _filter),
    target("template of a webhook", parse_template, st.tuples(TEMPLATES, json_values()), _template),
    target("headers of a webhook", check_headers, HEADERS, _headers),
    target("secret of a webhook", key_of, near(f"whsec_{'A' * 43}="), _secret),
)
