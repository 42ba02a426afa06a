# SPDX-License-Identifier: Apache-2.0
"""No committed file names a package index."""

import pytest

from dev.rules.addresses import PACKAGE_INDEXES
from dev.rules.addresses import no_file_names_a_package_index
from tests.architecture.planting import PlantedTree


@pytest.mark.parametrize("address", PACKAGE_INDEXES)
def test_an_address_of_a_package_index_is_found(tree: PlantedTree, address: str) -> None:
    """A file, whatever its kind, says what it needs and not where from."""
    tree.plant("requirements/dev.lock", f"--index-url https://{address}\n", header="")
    tree.plant(".venv/pip.conf", f"index-url = https://{address}\n", header="")

    assert tree.found_by(no_file_names_a_package_index) == ["requirements/dev.lock:1"]
