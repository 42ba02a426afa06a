# SPDX-License-Identifier: Apache-2.0
"""Features have one shape and reach each other through front doors they declare."""

import pytest

from dev.rules.features import features_declare_their_needs
from dev.rules.features import features_have_one_shape
from dev.rules.features import features_use_front_doors
from tests.architecture.planting import PlantedTree

FOLDER = "src/entrepot/features"


@pytest.fixture
def features(tree: PlantedTree) -> PlantedTree:
    """Two features: `policies` needs `sbom`."""
    tree.plant_feature("sbom")
    tree.plant(f"{FOLDER}/sbom/service.py")
    tree.plant_feature("policies", "sbom")
    return tree


def test_well_formed_features_are_left_alone(features: PlantedTree) -> None:
    """A feature may import the package of one it needs, and its own modules."""
    features.plant(
        f"{FOLDER}/sbom/__init__.py", "from entrepot.features.sbom.service import find\n__all__ = ['find']\n"
    )
    features.plant(f"{FOLDER}/policies/service.py", "from entrepot.features.sbom import find\n")
    features.plant(f"{FOLDER}/policies/routes.py", "from entrepot.features.policies.service import check\n")

    assert features.found_by(features_have_one_shape) == []
    assert features.found_by(features_use_front_doors) == []
    assert features.found_by(features_declare_their_needs) == []


@pytest.mark.parametrize(
    "code",
    [
        "",
        "feature = Feature(name='sboms')",
        "feature = Feature(name=NAME)",
        "feature = Feature(needs=())",
    ],
)
def test_a_feature_that_does_not_declare_its_noun_is_found(features: PlantedTree, code: str) -> None:
    """`feature.py` names the folder it is in, in a way that can be read without running it."""
    features.plant(f"{FOLDER}/sbom/feature.py", code)

    assert features.found_by(features_have_one_shape) == [f"{FOLDER}/sbom/feature.py:1"]


def test_a_feature_without_a_front_door_is_found(features: PlantedTree) -> None:
    """A folder of features is a package."""
    (features.root / FOLDER / "sbom/__init__.py").unlink()

    assert features.found_by(features_have_one_shape) == [f"{FOLDER}/sbom/__init__.py:1"]


@pytest.mark.parametrize("code", ["def find():\n    pass", "LIMIT = 1", "if True:\n    import os"])
def test_code_in_a_front_door_is_found(features: PlantedTree, code: str) -> None:
    """`__init__.py` holds a docstring and imports only."""
    features.plant(f"{FOLDER}/sbom/__init__.py", code)

    assert features.found_by(features_have_one_shape) == [f"{FOLDER}/sbom/__init__.py:3"]


@pytest.mark.parametrize(
    "code",
    [
        "from entrepot.features.sbom.service import find",
        "from entrepot.features.sbom import service",
        "import entrepot.features.sbom.service",
        "from entrepot.features.policies import check",
        "from entrepot.features import policies",
    ],
)
def test_reaching_past_a_front_door_is_found(features: PlantedTree, code: str) -> None:
    """Other features are entered by the front door, the own one is not."""
    features.plant(f"{FOLDER}/policies/service.py", code)

    assert features.found_by(features_use_front_doors) == [f"{FOLDER}/policies/service.py:3"]


@pytest.mark.parametrize(
    "code", ["from entrepot.features.policies import check", "from entrepot.features import policies"]
)
def test_an_undeclared_need_is_found(features: PlantedTree, code: str) -> None:
    """A feature imports only those that its `needs` name."""
    features.plant(f"{FOLDER}/sbom/service.py", code)

    assert features.found_by(features_declare_their_needs) == [f"{FOLDER}/sbom/service.py:3"]


def test_a_need_that_is_no_feature_is_found(features: PlantedTree) -> None:
    """`needs` name features that exist."""
    features.plant_feature("policies", "sbom", "weather")

    assert features.found_by(features_declare_their_needs) == [f"{FOLDER}/policies/feature.py:1"]
