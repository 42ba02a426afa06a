# SPDX-License-Identifier: Apache-2.0
"""Signatures as Standard Webhooks has them."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens import CannotUnseal
from entrepot.features.tokens import InstanceKey
from entrepot.features.webhooks.errors import WebhookInvalid
from entrepot.features.webhooks.signing import Sealing
from entrepot.features.webhooks.signing import key_of
from entrepot.features.webhooks.signing import new_secret
from entrepot.features.webhooks.signing import signed
from entrepot.kernel.clock import Milliseconds

AT = Milliseconds(1_614_265_330_999)
KEYS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=2)


def test_a_secret_is_32_bytes_behind_its_prefix() -> None:
    """As libraries of receivers take it; no two are the same."""
    secret = new_secret()

    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert key_of(secret) == base64.b64decode(secret.removeprefix("whsec_"))
    assert secret != new_secret()


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", "secret", f"whsec_{'A' * 43}", "whsec_é"])
def test_other_texts_are_none(text: str) -> None:
    """They are too short, or no base64."""
    with pytest.raises(WebhookInvalid):
        key_of(text)


@given(KEYS, st.binary(max_size=50))
def test_every_secret_signs_id_time_and_body(keys: list[bytes], body: bytes) -> None:
    """A receiver that has any of them finds its own signature."""
    headers = signed(keys, "msg_1", AT, body)

    content = b"msg_1.1614265330." + body
    codes = [base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys]
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": " ".join(f"v1,{code}" for code in codes),
    }


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    """The id, time and body that its text shows, by the secret that it shows."""
    secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = signed([base64.b64decode(secret)], "msg_p5jXN8AQM9LWM0D4loKWxJek", Milliseconds(1_614_265_330_000), body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_stored_encrypted_each_for_itself() -> None:
    """What is stored opens with its own id only."""
    sealing, secret = Sealing(InstanceKey(b"k" * 32)), new_secret()
    sealed = sealing.seal_secret("1", secret)
    headers = sealing.seal_headers("1", {"Authorization": "Bearer x"})

    assert secret.encode() not in sealed
    assert sealing.open_secret("1", sealed) == key_of(secret)
    assert sealing.open_headers("1", headers) == {"Authorization": "Bearer x"}
    assert sealing.seal_headers("1", {}) is None
    with pytest.raises(CannotUnseal):
        sealing.open_secret("2", sealed)
    with pytest.raises(CannotUnseal):
        sealing.open_headers("2", headers)
