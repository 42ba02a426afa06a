# SPDX-License-Identifier: Apache-2.0
"""What a new password must be."""

import pytest

from entrepot.features.identity.errors import UnacceptablePassword
from entrepot.features.identity.new_passwords import make_up
from entrepot.features.identity.new_passwords import require_acceptable


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "twelve chars", "p\u00e4ssw\u00f6rter12", "x" * 1024, " " * 12])
def test_length_is_enough(password: str) -> None:
    """From 12 to 1024 characters of any kind are accepted."""
    require_acceptable("alice", password)


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 1025])
def test_too_short_and_too_long_is_refused(password: str) -> None:
    """The refusal says the length and the bounds, not the password."""
    with pytest.raises(UnacceptablePassword, match=f"has {len(password)} characters") as refusal:
        require_acceptable("alice", password)

    assert "12 to 1024" in refusal.value.hint


@pytest.mark.parametrize("password", ["ada.lovelace", "Ada.Lovelace"])
def test_the_user_name_is_no_password(password: str) -> None:
    """However it is spelled."""
    with pytest.raises(UnacceptablePassword, match="is the user name"):
        require_acceptable("ada.lovelace", password)


def test_made_up_passwords_are_acceptable_and_differ() -> None:
    """Nobody guesses one from another."""
    first, second = make_up(), make_up()
    require_acceptable("alice", first)

    assert first != second
    assert len(first) == 32
