# SPDX-License-Identifier: Apache-2.0
"""Codes as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.second_factors.codes import RECOVERY_CODES
from entrepot.features.second_factors.codes import new_recovery_codes
from entrepot.features.second_factors.codes import read_app_code
from entrepot.features.second_factors.codes import read_recovery_code
from entrepot.features.second_factors.codes import recovery_code_hmac
from entrepot.features.tokens import InstanceKey

KEY = InstanceKey(b"k" * 32)
SIX_DIGITS = st.text("0123456789", min_size=6, max_size=6)
GAPS = st.lists(st.text(" -\t", max_size=2), min_size=20, max_size=20)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = {"0": "0Oo", "1": "1IiLl"}


def spread(code: str, gaps: list[str]) -> str:
    """Put a gap before each character, and one behind the last."""
    return "".join(gap + character for gap, character in zip(gaps, code, strict=False)) + gaps[-1]


@given(code=SIX_DIGITS, gaps=GAPS)
def test_gaps_do_not_matter_in_the_code_of_an_app(code: str, gaps: list[str]) -> None:
    """Six digits are a code, whatever spaces and dashes stand between them."""
    assert read_app_code(spread(code, gaps)) == code


@given(typed=st.text())
def test_only_six_digits_are_the_code_of_an_app(typed: str) -> None:
    """Whatever is typed, what is read as a code is six ASCII digits."""
    code = read_app_code(typed)

    assert code is None or (len(code) == 6 and code.isascii() and code.isdigit())


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "१२३४५६", "123.456", "0x1234"])
def test_what_is_no_code_of_an_app(typed: str) -> None:
    """Fewer or more digits, letters, dots and the digits of other scripts are no code."""
    assert read_app_code(typed) is None


def test_there_are_ten_different_recovery_codes_in_groups() -> None:
    """Ten codes are made, all different, each of four groups of four characters: 80 bits."""
    codes = new_recovery_codes()

    assert len(set(codes)) == RECOVERY_CODES == 10
    assert all([len(group) for group in code.split("-")] == [4, 4, 4, 4] for code in codes)


@given(code=st.text(ALPHABET, min_size=16, max_size=16), gaps=GAPS, way=st.integers(min_value=0, max_value=4))
def test_a_recovery_code_may_be_typed_in_many_ways(code: str, gaps: list[str], way: int) -> None:
    """Case, gaps and letters that look like digits do not matter."""
    ways = [LOOKALIKES.get(character, character + character.lower()) for character in code]
    typed = "".join(each[way % len(each)] for each in ways)

    assert read_recovery_code(spread(typed, gaps)) == code


@given(typed=st.text())
def test_any_text_is_a_recovery_code_or_none(typed: str) -> None:
    """What is read as a recovery code has 16 characters of the alphabet, and is read as itself."""
    code = read_recovery_code(typed)

    assert code is None or (len(code) == 16 and code.isalnum() and read_recovery_code(code) == code)


@pytest.mark.parametrize("typed", ["", "7Q2M-0XKD-VT5H", "7Q2M-0XKD-VT5H-93ZC-1", "UUUU-UUUU-UUUU-UUUU", "123456"])
def test_what_is_no_recovery_code(typed: str) -> None:
    """Too few or too many characters, and characters that no code has, are no recovery code."""
    assert read_recovery_code(typed) is None


def test_what_is_stored_of_a_code_depends_on_user_and_key() -> None:
    """The same code is stored as something else for another user, and under another instance key."""
    of_alice = recovery_code_hmac(KEY, "alice", "A" * 16)
    of_bob = recovery_code_hmac(KEY, "bob", "A" * 16)
    elsewhere = recovery_code_hmac(InstanceKey(b"l" * 32), "alice", "A" * 16)

    assert len({of_alice, of_bob, elsewhere}) == 3
