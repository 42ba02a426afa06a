# SPDX-License-Identifier: Apache-2.0
"""What somebody else says is a checkpoint is read with care."""

import base64
import json

import pytest

from entrepot.features.audit.checkpoints import Signed
from entrepot.features.audit.checkpoints import claimed
from entrepot.features.audit.keys import generate_key

HASH = "0" * 64
SAID = {"iss": "entrepot/home", "iat": 1, "seq": 7, "hash": HASH, "previous": 3}


def said(**other: object) -> bytes:
    """Return what a checkpoint says, with something else in it."""
    return json.dumps({**SAID, **other}).encode()


def encoded(content: bytes) -> str:
    """Write a part of a token."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_a_checkpoint_is_read_whoever_signed_it() -> None:
    """A witness knows no keys."""
    assert claimed(generate_key().sign(said())) == Signed("entrepot/home", 1, 7, HASH, 3)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b'{"iss": "\xf0"}',
        b"[" * 2_000,
        b'{"x":' + b"[" * 2_000,
        said(seq=0, previous=0),
        said(seq=-1),
        said(seq=2**60),
        said(previous=7),
        said(previous=-1),
        said(hash="0" * 63),
        said(hash="G" * 64),
        said(seq="7"),
    ],
)
def test_what_says_nothing_sensible_is_none(payload: bytes) -> None:
    """However it is made."""
    assert claimed(generate_key().sign(payload)) is None


@pytest.mark.parametrize("head", [b"", b"{}", b"[" * 3_000, b'{"typ": "JWT", "alg": "none"}'])
def test_another_token_is_none(head: bytes) -> None:
    """What was signed for something else does not pass for a checkpoint."""
    assert claimed(f"{encoded(head)}.{encoded(said())}.c2ln") is None
