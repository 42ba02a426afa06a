# SPDX-License-Identifier: Apache-2.0
"""What the fuzzer has found stays found: the inputs as they were, and what is held of them now."""

from pathlib import Path

import pytest
from hypothesis import strategies as st

from entrepot.infra.remote.address import InvalidAddress
from entrepot.infra.remote.address import server_url
from entrepot.infra.telemetry.redaction import redact_text
from tests.fuzz.target import fuzz
from tests.fuzz.target import target

MANY = 30_000


@pytest.mark.parametrize("text", ["[", "\x08", "a\udcff", "http://h/\udcff", "http://h:0", "https://h h/"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """Control characters, half a bracket and bytes that are no text are a mistake, not a crash."""
    with pytest.raises(InvalidAddress) as caught:
        server_url(text)

    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text", ["://" + ":" * MANY, "eyJ" * MANY, "://a:" * MANY, "Bearer" + " " * MANY, "-----BEGIN" * MANY]
)
def test_a_text_is_searched_for_secrets_in_linear_time(text: str, tmp_path: Path) -> None:
    """Text that only begins like a secret, again and again, takes no more than a second."""
    outcome = fuzz(target("secrets", redact_text, st.just(text), redact_text), 0, inputs=1, corpus=tmp_path)

    assert outcome.failure == ""


def test_the_user_and_password_of_an_address_are_hidden() -> None:
    """Wherever the colons stand."""
    assert redact_text("https://u:p:q@h/x?y") == "https://[redacted]@h/x?y"
    assert redact_text("https://:p@h") == "https://[redacted]@h"
