# SPDX-License-Identifier: Apache-2.0
"""Modules and classes have names that say something."""

import pytest

from dev.rules.names import classes_have_telling_names
from dev.rules.names import modules_have_telling_names
from tests.architecture.planting import PlantedTree


@pytest.mark.parametrize(
    "path",
    [
        "src/entrepot/utils.py",
        "src/entrepot/kernel/_helpers.py",
        "src/entrepot/infra/http_utils.py",
        "src/entrepot/registry/common/__init__.py",
        "tests/unit/base.py",
        "dev/misc.py",
    ],
)
def test_a_module_with_an_empty_name_is_found(tree: PlantedTree, path: str) -> None:
    """A module or folder whose name would fit anything is refused."""
    tree.plant(path)

    assert tree.found_by(modules_have_telling_names) == [f"{path}:1"]


@pytest.mark.parametrize(
    "name", ["BlobManager", "PushHandler", "StorageImpl", "StoreBase", "BaseStore", "AbstractStore", "IStorage"]
)
def test_a_class_with_an_empty_name_is_found(tree: PlantedTree, name: str) -> None:
    """A class is not named after its place in a pattern."""
    tree.plant("src/entrepot/registry/planted.py", f"class {name}:\n    pass\n")

    assert tree.found_by(classes_have_telling_names) == ["src/entrepot/registry/planted.py:3"]


@pytest.mark.parametrize("name", ["Database", "Index", "ImageIndex", "Identity", "OCIError", "Basic"])
def test_a_telling_class_name_is_left_alone(tree: PlantedTree, name: str) -> None:
    """Words that only look like a pattern's are fine."""
    tree.plant("src/entrepot/registry/database.py", f"class {name}:\n    pass\n")

    assert tree.found_by(classes_have_telling_names) == []
    assert tree.found_by(modules_have_telling_names) == []
