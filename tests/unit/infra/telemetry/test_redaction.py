# SPDX-License-Identifier: Apache-2.0
"""No secret gets past the last line of defence."""

from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import REFRESH_PREFIX
from entrepot.features.tokens.secret import new_secret
from entrepot.infra.telemetry.redaction import REDACTED
from entrepot.infra.telemetry.redaction import redact
from entrepot.infra.telemetry.redaction import redact_text
from entrepot.kernel.identifiers import new_ulid

LETTERS = st.characters(codec="ascii", categories=("Lu", "Ll", "Nd"))
SEGMENT = st.text(LETTERS, min_size=20, max_size=60)
SECRET_TEXTS = st.one_of(
    st.from_regex(r"ent[rs]?_[0-7][0-9A-HJKMNP-TV-Z]{25}_[A-Za-z0-9]{51}", fullmatch=True),
    st.tuples(SEGMENT, SEGMENT, SEGMENT).map(lambda parts: "eyJ" + ".".join(parts)),
    SEGMENT.map(lambda text: f"Bearer {text}"),
    SEGMENT.map(lambda text: f"basic {text}=="),
)
TELLING_KEYS = st.sampled_from(
    [
        "password",
        "PASSWORD",
        "bootstrap_admin_password",
        "client_secret",
        "token",
        "Authorization",
        "set-cookie",
        "apiKey",
    ]
)
AROUND = st.text(st.sampled_from(" \n\"'=,:;/()[]{}"), max_size=5)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Put values into lists, tuples and mappings, to some depth."""
    return st.recursive(
        inner,
        lambda value: st.one_of(
            st.lists(value, min_size=1, max_size=2), st.tuples(value), st.dictionaries(st.just("in"), value, min_size=1)
        ),
        max_leaves=3,
    )


def rendered(event: dict[str, Any]) -> str:
    """Render an event as the logs do."""
    return str(structlog.processors.JSONRenderer()(None, "info", redact(None, "info", event)))


@given(secret=SECRET_TEXTS, before=AROUND, after=AROUND, data=st.data())
def test_what_looks_like_a_secret_never_shows(secret: str, before: str, after: str, data: st.DataObject) -> None:
    """Wherever a token stands in an event, and whatever stands around it, it is not in the line."""
    value = data.draw(nested(st.just(f"{before}{secret}{after}")))
    line = rendered({"event": "tried", "reason": value, "error": ValueError(f"{before}{secret}{after}")})

    assert secret.rpartition(" ")[2].rstrip("=") not in line
    assert REDACTED in line


@given(key=TELLING_KEYS, secret=SEGMENT, data=st.data())
def test_what_is_called_a_secret_never_shows(key: str, secret: str, data: st.DataObject) -> None:
    """A key that says password, secret, token or the like hides its value, at any depth."""
    value = data.draw(nested(st.just(secret)))
    line = rendered({"event": "tried", key: value, "deep": [{"within": {key: value}}]})

    assert secret not in line


@given(text=st.text("abcdefghijklmnoprstuvwxyz _/-", max_size=40))
def test_other_words_stay(text: str) -> None:
    """What is no secret is logged as it is."""
    assert redact(None, "info", {"event": text, "path": [text]}) == {"event": text, "path": [text]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://entrepot:hunter2@db/entrepot", "postgresql://[redacted]@db/entrepot"),
        ("ent_short", "ent_short"),
        ("the agent_identity_of_somebody", "the agent_identity_of_somebody"),
        ("/v2/team/app/manifests/1", "/v2/team/app/manifests/1"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n-----END PRIVATE KEY-----\nnext", "[redacted]\nnext"),
        ("-----BEGIN EC PRIVATE KEY-----\nMIIE", "[redacted]"),
    ],
)
def test_secrets_are_told_from_names_and_addresses(text: str, shown: str) -> None:
    """Only the secret part of a text goes."""
    assert redact_text(text) == shown


@pytest.mark.parametrize("prefix", [CREDENTIAL_PREFIX, REFRESH_PREFIX])
def test_secrets_that_we_hand_out_are_known(prefix: str) -> None:
    """The form that tokens have is the form that is looked for."""
    assert redact_text(f"not {new_secret(prefix, new_ulid())}!") == "not [redacted]!"


def test_numbers_and_truth_values_are_no_secrets() -> None:
    """A count of tokens may be logged."""
    event = {"event": "issued", "tokens": 3, "is_token": True, "token_age": 1.5, "token_of": None}

    assert redact(None, "info", dict(event)) == event


def test_bytes_are_looked_into() -> None:
    """A header that somebody logged raw is no way around."""
    secret = "ent_0" + "a" * 30

    assert rendered({"event": "x", "raw": secret.encode()}) == '{"event": "x", "raw": "[redacted]"}'


def test_what_is_too_deep_is_left_out() -> None:
    """A value that holds itself ends somewhere."""
    endless: list[Any] = []
    endless.append(endless)

    assert REDACTED in rendered({"event": "x", "value": endless})
