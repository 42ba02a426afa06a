# SPDX-License-Identifier: Apache-2.0
"""A tree in a folder: what is odd there is told, and nothing leads out of it."""

import os
from pathlib import Path

import pytest

from entrepot.infra.storage.folder_tree import IS_LINK
from entrepot.infra.storage.folder_tree import IS_ODD
from entrepot.infra.storage.folder_tree import IS_TOO_LONG
from entrepot.infra.storage.folder_tree import FolderTree
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageUnavailable
from tests.builders.trees import write

pytestmark = pytest.mark.anyio


async def flaws(root: Path) -> dict[str, str]:
    """Return what is odd in a folder `a`."""
    return {each.path: each.flaw async for each in FolderTree(root).files("a/") if each.flaw}


async def test_symbolic_links_are_told_and_not_followed(tmp_path: Path) -> None:
    """Neither to files nor to folders, also not on the way to a file."""
    write(tmp_path / "outside" / "secret", b"secret")
    root = tmp_path / "root"
    write(root / "a" / "file", b"x")
    (root / "a" / "folder").symlink_to(tmp_path / "outside")
    (root / "a" / "link").symlink_to(tmp_path / "outside" / "secret")

    assert await flaws(root) == {"a/folder": IS_LINK, "a/link": IS_LINK}
    for path in ("a/folder/secret", "a/link"):
        assert await FolderTree(root).size(path) is None
        with pytest.raises(ObjectMissing):
            await FolderTree(root).read(path, 10)


async def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    """A pipe that nobody writes to holds nobody up."""
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a" / "pipe")

    assert await flaws(tmp_path) == {"a/pipe": IS_ODD}
    assert await FolderTree(tmp_path).size("a/pipe") is None


async def test_long_paths_are_told(tmp_path: Path) -> None:
    """Nobody goes down without end."""
    folder = tmp_path / "a" / "/".join(["d" * 200] * 6)
    folder.mkdir(parents=True)

    assert list((await flaws(tmp_path)).values()) == [IS_TOO_LONG]


async def test_a_root_that_is_gone_is_no_empty_tree(tmp_path: Path) -> None:
    """As with a disk that is not mounted."""
    with pytest.raises(StorageUnavailable):
        await flaws(tmp_path / "gone")


async def test_the_root_may_be_reached_by_a_link(tmp_path: Path) -> None:
    """That is the operator's."""
    write(tmp_path / "root" / "a" / "file", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "root")

    assert await FolderTree(tmp_path / "link").read("a/file", 1) == b"x"
