# SPDX-License-Identifier: Apache-2.0
"""The secret of an app, its codes, and how it is stored."""

from urllib.parse import parse_qs
from urllib.parse import unquote
from urllib.parse import urlsplit

import pytest

from entrepot.features.second_factors.app_secret import app_uri
from entrepot.features.second_factors.app_secret import new_app_secret
from entrepot.features.second_factors.app_secret import seal_app_secret
from entrepot.features.second_factors.app_secret import step_of_code
from entrepot.features.second_factors.app_secret import unseal_app_secret
from entrepot.features.second_factors.errors import SecretUnreadable
from entrepot.features.tokens import InstanceKey
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

KEY = InstanceKey(b"k" * 32)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The key of RFC 6238, appendix B, in base 32."""


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_codes_are_those_of_the_specification(second: int, code: str) -> None:
    """The last six digits of the test values of RFC 6238 are the codes of their moments."""
    assert step_of_code(RFC_SECRET, code, Milliseconds(second * 1000)) == second // 30


@pytest.mark.parametrize(("late_s", "is_right"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_off_by_one_step(late_s: int, is_right: bool) -> None:
    """A code of the step before or after counts as one of its own step, and no other."""
    step = step_of_code(RFC_SECRET, "005924", Milliseconds((1_234_567_890 + late_s) * 1000))

    assert step == (1_234_567_890 // 30 if is_right else None)


def test_what_is_no_code_is_of_no_step() -> None:
    """Text that is no code proves nothing."""
    assert step_of_code(RFC_SECRET, "hello", Milliseconds(59_000)) is None


def test_the_address_for_an_app_tells_whose_secret_it_is() -> None:
    """The QR code holds the secret, the user, and the registry by its host."""
    address = urlsplit(app_uri(RFC_SECRET, "alice", "registry.example.com"))
    query = parse_qs(address.query)

    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/Entrepot registry.example.com:alice"
    assert (query["secret"], query["issuer"]) == ([RFC_SECRET], ["Entrepot registry.example.com"])


def test_an_ipv6_address_does_not_name_the_issuer() -> None:
    """A colon would end the issuer early."""
    assert unquote(urlsplit(app_uri(RFC_SECRET, "alice", "2001:db8::1")).path) == "/Entrepot:alice"


def test_secrets_have_160_bits_and_differ() -> None:
    """Two secrets are two, each of 32 characters in base 32."""
    first, second = new_app_secret(), new_app_secret()

    assert first != second
    assert len(first) == len(second) == 32


def test_a_sealed_secret_shows_nothing_and_opens() -> None:
    """What is stored does not hold the secret, and the key opens it."""
    factor_id = new_ulid()

    sealed = seal_app_secret(RFC_SECRET, factor_id, KEY)

    assert RFC_SECRET.encode() not in sealed
    assert unseal_app_secret(sealed, factor_id, KEY) == RFC_SECRET


@pytest.mark.parametrize(
    ("factor_id", "key"), [(Ulid("01JD2F7ZK3Q8V5T6X9Y0B1C2D5"), KEY), (None, InstanceKey(b"l" * 32))]
)
def test_a_sealed_secret_opens_for_its_factor_and_key_only(factor_id: Ulid | None, key: InstanceKey) -> None:
    """In another factor's row, or under another instance key, a secret cannot be read."""
    own = Ulid("01JD2F7ZK3Q8V5T6X9Y0B1C2D4")
    sealed = seal_app_secret(RFC_SECRET, own, KEY)

    with pytest.raises(SecretUnreadable):
        unseal_app_secret(sealed, factor_id or own, key)


@pytest.mark.parametrize("sealed", [b"", b"a.b.c.d.e", b"\xff"])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    """Other bytes are told apart from a secret."""
    with pytest.raises(SecretUnreadable):
        unseal_app_secret(sealed, new_ulid(), KEY)


def test_two_steps_with_the_same_code_are_two() -> None:
    """Where the code of a step is that of the one before it, which is used up, it is good for the later one."""
    secret, step = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 60_779_458
    now = Milliseconds(step * 30_000)

    assert step_of_code(secret, "566269", now) == step - 1
    assert step_of_code(secret, "566269", now, used_up_to=step - 1) == step
    assert step_of_code(secret, "566269", now, used_up_to=step) is None
