# SPDX-License-Identifier: Apache-2.0
"""What groups are called, and who can be in them."""

import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.groups.errors import InvalidGroupName
from entrepot.features.groups.errors import MemberInvalid
from entrepot.features.groups.models import parse_group_name
from entrepot.features.groups.models import parse_member
from entrepot.infra.http.paging import cursor_to
from entrepot.infra.http.paging import key_of
from entrepot.kernel.errors import InvalidRequest


@given(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,127}", fullmatch=True))
def test_a_group_name_is_safe_in_a_shell(name: str) -> None:
    """Nothing has to be quoted, and nothing is taken for an option."""
    assert parse_group_name(name) == name
    assert shlex.quote(name) == name
    assert not name.startswith("-")


@pytest.mark.parametrize("name", ["", ".", "-a", "_a", "A", "a b", "a/b", "a:b", "a\n", "é", "x" * 129])
def test_other_group_names_are_refused(name: str) -> None:
    """With what a name may be made of."""
    with pytest.raises(InvalidGroupName) as refusal:
        parse_group_name(name)

    assert "a-z, 0-9" in refusal.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice", "user:alice"),
        ("user:alice", "user:alice"),
        ("alice@example.org", "user:alice@example.org"),
        ("robot:team.ci", "robot:team.ci"),
        ("group:developers", "group:developers"),
        ("workload:shop/build:main", "workload:shop/build:main"),
    ],
)
def test_a_member_is_of_a_kind(text: str, expected: str) -> None:
    """What stands before the first colon is the kind; without one it is a user."""
    assert str(parse_member(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "user:", ":alice", "User:alice", "everyone:everyone", "anonymous:x", "internal:x", "user:é", "a" * 256]
)
def test_nobody_else_is_in_a_group(text: str) -> None:
    """Neither everyone nor a part of Entrepot itself; the refusal says how members are written."""
    with pytest.raises(MemberInvalid) as refusal:
        parse_member(text)

    assert "group:<name>" in refusal.value.hint


@given(st.text(max_size=300) | st.builds("{}:{}".format, st.sampled_from(["user", "group", "workload"]), st.text()))
def test_any_text_is_a_member_or_refused(text: str) -> None:
    """What was read is read as the same again, fits the table, and a page can begin behind it."""
    with suppress(InvalidRequest):
        member = parse_member(text)

        assert parse_member(str(member)) == member
        assert len(str(member)) <= 320
        assert key_of(cursor_to(str(member))) == str(member)
