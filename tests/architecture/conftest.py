# SPDX-License-Identifier: Apache-2.0
"""A temporary tree to plant violations in."""

from pathlib import Path

import pytest

from tests.architecture.planting import PlantedTree


@pytest.fixture
def tree(tmp_path: Path) -> PlantedTree:
    """Give an empty tree, laid out like the repository."""
    return PlantedTree(tmp_path)
