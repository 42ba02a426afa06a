# SPDX-License-Identifier: Apache-2.0
"""The `Authorization` header."""

import base64
from contextlib import suppress

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.errors import Unauthenticated
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
PASSWORD = "pass:word with ü"


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance with one user."""
    instance.add_user("alice", PASSWORD)
    return instance


def basic(text: str, encoding: str = "utf-8") -> str:
    """Encode `name:password` as clients do."""
    return "Basic " + base64.b64encode(text.encode(encoding)).decode()


async def authenticate(instance: Instance, authorization: str, *, allows_expired: bool = False) -> Principal:
    """Authenticate a request that carries this header."""
    return await instance.authenticator.authenticate(Credentials(authorization, "192.0.2.1", allows_expired))


async def test_no_header_is_the_anonymous_principal(instance: Instance) -> None:
    """Without credentials nobody is refused here: what anonymous may do is decided later."""
    assert await authenticate(instance, "") is ANONYMOUS


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
async def test_basic_is_name_and_password(instance: Instance, scheme: str) -> None:
    """A password may hold colons and any text in UTF-8; the scheme's case does not matter (RFC 7617)."""
    header = basic(f"alice:{PASSWORD}").replace("Basic", scheme)

    assert await authenticate(instance, header) == ALICE


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_bearer_is_a_token(instance: Instance, scheme: str) -> None:
    """A token makes the principal it was issued to, narrowed to its scopes."""
    token = (await instance.tokens.issue(await instance.logged_in("alice"), [])).token

    assert await authenticate(instance, f"{scheme} {token}") == Principal(PrincipalKind.USER, "alice", scopes=())


async def test_an_expired_token_is_good_where_the_request_allows_it(instance: Instance) -> None:
    """Only a request on an upload says that its token may have expired."""
    header = f"Bearer {(await instance.tokens.issue(await instance.logged_in(ALICE.name), [])).token}"
    instance.clock.advance(HOUR_MS)

    with pytest.raises(Unauthenticated):
        await authenticate(instance, header)
    assert (await authenticate(instance, header, allows_expired=True)).name == "alice"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer not-a-token",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YWxpY2U",
        basic("alice"),
        basic("alice:wrong"),
        basic(f"alice:{PASSWORD}", "latin-1"),
        "Negotiate abc",
        basic(f"alice:{PASSWORD}").replace("Basic", "Digest"),
        "tr0ub4dor&3",
    ],
)
async def test_anything_else_is_an_invalid_token(instance: Instance, header: str) -> None:
    """Malformed credentials, wrong ones and other schemes get one answer, which does not repeat them."""
    with pytest.raises(Unauthenticated) as refusal:
        await authenticate(instance, header)

    assert refusal.value.challenge_error == "invalid_token"
    assert header.partition(" ")[2] == "" or header.partition(" ")[2] not in f"{refusal.value} {refusal.value.hint}"
    assert "tr0ub4dor" not in f"{refusal.value} {refusal.value.hint}"


async def test_a_token_is_no_way_to_log_in(instance: Instance) -> None:
    """The token service takes a password only, so that no token lives on in its successors."""
    header = f"Bearer {(await instance.tokens.issue(await instance.logged_in(ALICE.name), [])).token}"

    with pytest.raises(Unauthenticated):
        await instance.authenticator.log_in(header, "192.0.2.1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.sampled_from(["", "Basic ", "Bearer "]), st.text(max_size=30))
async def test_any_header_is_answered(instance: Instance, scheme: str, text: str) -> None:
    """Whatever stands in the header, it proves nothing and breaks nothing."""
    with suppress(Unauthenticated):
        assert await authenticate(instance, scheme + text) is ANONYMOUS
