# SPDX-License-Identifier: Apache-2.0
"""To whom roles are granted."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access.match import InvalidPattern
from entrepot.features.grants.errors import PrincipalInvalid
from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import GranteeKind
from entrepot.features.grants.models import Terms
from entrepot.features.grants.models import parse_grantee
from entrepot.features.roles import Role


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice", "user:alice"),
        ("user:alice", "user:alice"),
        ("robot:ci", "robot:ci"),
        ("user:a:b", "user:a:b"),
        ("alice@example.org", "user:alice@example.org"),
        ("group:developers", "group:developers"),
        ("workload:ci", "workload:ci"),
        ("everyone", "everyone:everyone"),
        ("anonymous", "anonymous:anonymous"),
        ("anonymous:anonymous", "anonymous:anonymous"),
    ],
)
def test_a_grantee_is_somebody_or_many(text: str, expected: str) -> None:
    """What stands before the first colon is the kind; without one it is a user."""
    assert str(parse_grantee(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "user:", ":alice", "User:alice", "anonymous:x", "internal:x", "user:a\n", "a" * 256]
)
def test_nobody_else_is_granted_anything(text: str) -> None:
    """The parts of Entrepot itself and the anonymous have what they have."""
    with pytest.raises(PrincipalInvalid):
        parse_grantee(text)


@given(st.text(max_size=300))
def test_any_text_is_a_grantee_or_refused(text: str) -> None:
    """What was read is stored in a form that is read as the same again, and fits the table."""
    with suppress(PrincipalInvalid):
        grantee = parse_grantee(text)

        assert parse_grantee(str(grantee)) == grantee
        assert len(str(grantee)) <= 320


def test_terms_name_a_pattern() -> None:
    """No grant can be made on what matches no name."""
    with pytest.raises(InvalidPattern):
        Terms(Grantee(GranteeKind.USER, "alice"), "team//app", Role.READ)
