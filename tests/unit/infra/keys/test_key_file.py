# SPDX-License-Identifier: Apache-2.0
"""Keys in files."""

import stat
from pathlib import Path

import pytest

from entrepot.infra.keys.key_file import InvalidKey
from entrepot.infra.keys.key_file import KeyFileUnreadable
from entrepot.infra.keys.key_file import make_key_file
from entrepot.infra.keys.key_file import parse_key
from entrepot.infra.keys.key_file import read_key

TEXT = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"


def test_a_made_key_is_its_owners_and_stays(tmp_path: Path) -> None:
    """A new file has mode 600 and a key of 32 bytes; what is there is never written over."""
    path = tmp_path / "store.key"

    assert make_key_file(path)
    first = read_key(path)

    assert not make_key_file(path)
    assert read_key(path) == first
    assert len(first.secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["store.key"]


def test_a_key_is_named_by_what_it_is() -> None:
    """The same bytes have the same id wherever they come from, others another one, and text shows no secret."""
    one, same, other = parse_key(TEXT, "a"), parse_key(f"{TEXT}\n", "b"), parse_key(f"A{TEXT[1:]}", "a")

    assert one.id == same.id != other.id
    assert len(one.id) == 16
    assert TEXT[:8] not in repr(one)
    assert "0123456789" not in repr(one)


def test_the_id_of_a_key_never_changes() -> None:
    """What was recorded by one version is found by the next."""
    assert parse_key(TEXT, "").id == "75bab414c7467103"


@pytest.mark.parametrize("mode", [0o604, 0o640 | 0o002, 0o666])
def test_a_key_that_everybody_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file open to other users stops the start, and the message says how to close it."""
    path = tmp_path / "store.key"
    make_key_file(path)
    path.chmod(mode)

    with pytest.raises(KeyFileUnreadable) as refusal:
        read_key(path)

    assert refusal.value.hint == f"Take that away: chmod 600 {path}"


def test_a_group_may_read_a_key(tmp_path: Path) -> None:
    """Secrets that an orchestrator mounts belong to a group."""
    path = tmp_path / "store.key"
    make_key_file(path)
    path.chmod(0o440)

    assert read_key(path).origin == str(path)


@pytest.mark.parametrize("text", ["", "short", TEXT[:-2], f"{TEXT}AAAA", f"{TEXT[:-1]}!", "é" * 43])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    """A truncated file is named, its text is not."""
    path = tmp_path / "store.key"
    path.touch(0o600)
    path.write_text(text)

    with pytest.raises(InvalidKey, match=str(path)) as refusal:
        read_key(path)

    assert not text or text not in refusal.value.message


def test_an_absent_key_is_told(tmp_path: Path) -> None:
    """The message names the file and why it cannot be read."""
    with pytest.raises(KeyFileUnreadable, match=f"{tmp_path}/none cannot be read: No such file"):
        read_key(tmp_path / "none")
