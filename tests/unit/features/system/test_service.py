# SPDX-License-Identifier: Apache-2.0
"""What the system says of its storage."""

from pathlib import Path

import pytest

from entrepot.features.system.service import about_storage


def test_a_folder_tells_its_room(tmp_path: Path) -> None:
    """That of its disk."""
    folder = tmp_path / "with space"
    folder.mkdir()

    facts = about_storage(folder.as_uri())

    assert (facts.kind, facts.url) == ("file", folder.as_uri())
    assert facts.free_bytes is not None
    assert facts.total_bytes is not None
    assert 0 < facts.free_bytes <= facts.total_bytes


def test_a_folder_that_is_gone_tells_no_room(tmp_path: Path) -> None:
    """Whoever asks still gets an answer."""
    assert about_storage((tmp_path / "gone").as_uri()).free_bytes is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("memory:", "memory:"),
        ("s3://key:secret@host:9000/bucket?token=secret#secret", "s3://host:9000/bucket"),
        ("s3://host/bucket", "s3://host/bucket"),
    ],
)
def test_an_address_is_shown_without_secrets(url: str, shown: str) -> None:
    """Neither names nor passwords, and no parameters."""
    assert about_storage(url).url == shown
