# SPDX-License-Identifier: Apache-2.0
"""Building the console finds out which Node there is."""

from pathlib import Path

import pytest

from dev.console import has_node


@pytest.mark.parametrize(
    ("node", "npm", "is_enough"),
    [
        ("v20.19.0", "11.0.0", True),
        ("v22.1.4", "11.6.2", True),
        ("v20.18.3", "11.0.0", False),
        ("v18.20.0", "11.0.0", False),
        ("v24.1.0", "10.9.2", False),
        ("garbage", "11.0.0", False),
        ("v22.1.4", None, False),
        (None, None, False),
    ],
)
def test_only_a_node_that_is_new_enough_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node: str | None, npm: str | None, is_enough: bool
) -> None:
    """Both programs have to be there, and to be new enough; otherwise one is installed."""
    for name, version in (("node", node), ("npm", npm)):
        if version is not None:
            (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = has_node()

    assert found is is_enough
