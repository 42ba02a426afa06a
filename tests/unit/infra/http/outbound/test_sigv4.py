# SPDX-License-Identifier: Apache-2.0
"""Signatures are those that AWS publishes for its examples of requests to S3."""

import pytest

from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.kernel.clock import Milliseconds

BY = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
AT = Milliseconds(1_369_353_600_000)
"""2013-05-24T00:00:00Z."""
HOST = {"Host": "examplebucket.s3.amazonaws.com"}
DATED = {**HOST, "Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}


@pytest.mark.parametrize(
    ("request_", "signature"),
    [
        (
            Signable("GET", "/test.txt", (), {**HOST, "Range": "bytes=0-9"}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Signable("PUT", "/test$file.text", (), DATED, b"Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            Signable("GET", "/", (("lifecycle", ""),), HOST),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            Signable("GET", "/", (("prefix", "J"), ("max-keys", "2")), HOST),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_published_examples_are_signed_alike(request_: Signable, signature: str) -> None:
    """A read, a write with a character that is encoded, and queries with and without values."""
    headers = signed(request_, BY, AT)

    assert headers["Authorization"].endswith(f"Signature={signature}")
    assert headers["x-amz-date"] == "20130524T000000Z"


def test_what_is_signed_is_encoded_once() -> None:
    """Slashes stay in a path and not in a query; names of a query are in order."""
    assert encoded_path("/bucket/a b/ü~.txt") == "/bucket/a%20b/%C3%BC~.txt"
    assert encoded_query((("prefix", "a/b"), ("a", ""))) == "a=&prefix=a%2Fb"


def test_secrets_are_not_shown() -> None:
    """In no message that names the credentials."""
    assert BY.secret not in repr(BY)
