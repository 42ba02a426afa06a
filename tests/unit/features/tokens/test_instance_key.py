# SPDX-License-Identifier: Apache-2.0
"""The instance key."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens.instance_key import InvalidInstanceKey
from entrepot.infra.keys.settings import KeySettings

CONFIGURED = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"


def configured(text: str) -> KeySettings:
    """Name a key itself."""
    return KeySettings(instance_key=SecretStr(text))


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """The first start writes a key with mode 600 and leaves nothing else; later ones read it."""
    first = load_instance_key(tmp_path)
    second = load_instance_key(tmp_path)

    assert first.derive("a purpose") == second.derive("a purpose")
    assert [path.name for path in tmp_path.iterdir()] == ["instance.key"]
    assert stat.S_IMODE((tmp_path / "instance.key").stat().st_mode) == 0o600


def test_many_workers_get_the_same_key(tmp_path: Path) -> None:
    """Workers that start together never read half a key or keep one of their own."""
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(load_instance_key, [tmp_path] * 16))

    assert len({key.derive("a purpose") for key in keys}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["instance.key"]


def test_a_configured_key_is_used_and_not_written(tmp_path: Path) -> None:
    """Nodes that share a database are given one key by configuration."""
    key = load_instance_key(tmp_path / "absent", configured(CONFIGURED))

    assert key.derive("a purpose") == load_instance_key(tmp_path, configured(f"{CONFIGURED}\n")).derive("a purpose")
    assert list(tmp_path.iterdir()) == []


def test_the_data_directory_may_be_a_link(tmp_path: Path) -> None:
    """A data directory that leads to another disk holds the key as any other does."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")

    key = load_instance_key(tmp_path / "data")

    assert key.derive("a purpose") == load_instance_key(tmp_path / "disk").derive("a purpose")


def test_each_purpose_has_its_own_key(tmp_path: Path) -> None:
    """Keys of different purposes and of different instances differ."""
    ours, theirs = load_instance_key(tmp_path), load_instance_key(tmp_path, configured(CONFIGURED))

    assert len({ours.derive("one"), ours.derive("two"), theirs.derive("one"), theirs.derive("two")}) == 4


@pytest.mark.parametrize("text", ["short", CONFIGURED[:-2], f"{CONFIGURED}AAAA", f"{CONFIGURED[:-1]}!", "é" * 43, " "])
def test_text_that_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    """A truncated or mistyped key stops the start; the message names the place and not the text."""
    (tmp_path / "instance.key").write_text(text)

    for given in ("", text):
        with pytest.raises(InvalidInstanceKey) as refusal:
            load_instance_key(tmp_path, configured(given))
        assert text.strip() == "" or text not in str(refusal.value)


def test_the_key_does_not_show_itself(tmp_path: Path) -> None:
    """What a log line would print of the key holds no part of it."""
    key = load_instance_key(tmp_path)

    assert (tmp_path / "instance.key").read_text()[:6] not in f"{key!r} {key}"
