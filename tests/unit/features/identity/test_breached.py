# SPDX-License-Identifier: Apache-2.0
"""Looking passwords up in a sorted list of any size."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.identity.breached import BLOCK_BYTES
from entrepot.features.identity.breached import MAX_LINE_BYTES
from entrepot.features.identity.breached import BreachedPasswords
from entrepot.features.identity.breached import BreachedPasswordsUnreadable
from entrepot.features.identity.errors import BreachedPassword
from entrepot.features.identity.errors import BreachedPasswordsAway

FEEDS = ("\n", "\r\n")
MANY = 3_000
"""Some blocks of the file."""


def sha1(password: str) -> str:
    """Return what a list holds of a password."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def written(path: Path, hashes: list[str], feed: str = "\n", *, ends: bool = True) -> BreachedPasswords:
    """Write a list, sorted, each hash with a count of another length."""
    lines = [f"{each}:{10 ** (index % 7)}" for index, each in enumerate(sorted(hashes))]
    path.write_text(feed.join(lines) + (feed if ends else ""), newline="")
    return BreachedPasswords(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the list is."""
    return tmp_path / "breached.txt"


@given(
    known=st.sets(st.text(max_size=8), min_size=1, max_size=300),
    others=st.sets(st.text(max_size=8), max_size=20),
    feed=st.sampled_from(FEEDS),
    ends=st.booleans(),
)
def test_a_search_finds_what_looking_at_every_line_finds(
    tmp_path_factory: pytest.TempPathFactory, known: set[str], others: set[str], feed: str, ends: bool
) -> None:
    """Whatever the file holds, with either end of line, and with or without one at its end."""
    path = tmp_path_factory.getbasetemp() / "breached.txt"
    breached = written(path, [sha1(each) for each in known], feed, ends=ends)

    assert {each for each in known | others if breached.holds(each)} == known
    breached.inspect()


@pytest.mark.parametrize("feed", FEEDS)
def test_every_line_of_a_long_list_is_found(path: Path, feed: str) -> None:
    """First and last, and those at the borders of what is read at once."""
    known = [f"password {number}" for number in range(MANY)]
    breached = written(path, [sha1(each) for each in known], feed)

    assert path.stat().st_size > 10 * BLOCK_BYTES
    assert all(breached.holds(each) for each in known)
    assert not any(breached.holds(f"{each}!") for each in known)


@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_hashes_may_be_bare_and_of_either_case(path: Path, spelled: type[str]) -> None:
    """A count is not needed."""
    path.write_text("".join(f"{spelled(each)}\n" for each in sorted([sha1("one"), sha1("two")])))

    assert BreachedPasswords(path).holds("one")
    assert not BreachedPasswords(path).holds("three")


def test_hashes_may_be_cut(path: Path) -> None:
    """A list of the first digits is smaller, and finds the same."""
    path.write_text("".join(f"{each[:16]}\n" for each in sorted(sha1(f"{number}") for number in range(MANY))))

    assert BreachedPasswords(path).holds("7")
    assert not BreachedPasswords(path).holds("seven")


def test_a_huge_list_is_not_read(path: Path) -> None:
    """A search in a file that says to be 40 GB reads a few blocks of it."""
    first, last = "0" * 40, "F" * 40
    with path.open("wb") as file:
        file.write(f"{first}:1\n".encode())
        file.truncate(40 * 1024**3)
        file.seek(0, 2)
        file.write(f"\n{last}:1\n".encode())

    with pytest.raises(BreachedPasswordsUnreadable, match=f"a line of over {MAX_LINE_BYTES} bytes"):
        BreachedPasswords(path).holds("anything")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("password\nletmein\n", "not HASH or HASH:COUNT"),
        ("ABCDEF:1\nABCDFF:1\n", "not HASH or HASH:COUNT"),
        (f"{'F' * 40}:1\n{'0' * 40}:1\n", "is not sorted"),
        (f"{'0' * 40}:1\n{'F' * 20}:1\n", "differ in length"),
        (f"{'0' * 40}:1\nthe end", "not HASH or HASH:COUNT"),
    ],
)
def test_what_is_no_such_list_is_told(path: Path, content: str, reason: str) -> None:
    """The reason names the file."""
    path.write_text(content)

    with pytest.raises(BreachedPasswordsUnreadable, match=reason) as refused:
        BreachedPasswords(path).inspect()
    assert str(path) in refused.value.reason


@pytest.mark.anyio
async def test_a_known_password_is_refused_and_another_is_not(path: Path) -> None:
    """The answer says what it is about, and not the password."""
    breached = written(path, [sha1("hunter2 hunter2")])

    await breached.require_unknown("correct horse")
    with pytest.raises(BreachedPassword):
        await breached.require_unknown("hunter2 hunter2")


@pytest.mark.anyio
async def test_no_password_is_taken_while_the_list_is_away(path: Path) -> None:
    """A list that cannot be read is not an empty one, and where it is, is the operator's affair."""
    with pytest.raises(BreachedPasswordsAway) as refused:
        await BreachedPasswords(path).require_unknown("correct horse")
    assert str(path) not in refused.value.message
