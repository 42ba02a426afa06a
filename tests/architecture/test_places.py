# SPDX-License-Identifier: Apache-2.0
"""One noun is found in six places, and tests stand where their subject stands."""

import pytest

from dev.rules.places import one_noun_six_places
from dev.rules.places import tests_mirror_the_package as mirror_the_package
from tests.architecture.planting import PlantedTree

FOLDER = "src/entrepot/features/proxy_cache"
OTHER_PLACES = ["tests/unit/features/proxy_cache/test_fill.py", "docs/how-to/proxy-cache.md"]
CONSOLE = "web/src/features/proxy-cache/List.tsx"


@pytest.fixture
def noun(tree: PlantedTree) -> PlantedTree:
    """A feature that has its noun in all six places."""
    tree.plant_feature("proxy_cache")
    tree.plant(f"{FOLDER}/routes.py", 'PATH = "/projects/{project}/proxy-cache"\n')
    tree.plant(f"{FOLDER}/cli.py", 'GROUP = "proxy-cache"\n')
    for path in (*OTHER_PLACES, CONSOLE):
        tree.plant(path)
    return tree


def test_a_noun_in_six_places_is_left_alone(noun: PlantedTree) -> None:
    """Folder, API, command, page, console and tests agree."""
    assert noun.found_by(one_noun_six_places) == []


@pytest.mark.parametrize(
    ("planted", "missing"),
    [
        ("tests/unit/oci/test_digest.py", "tests/unit/features/proxy_cache"),
        ("docs/how-to/retention.md", "docs/how-to/proxy-cache.md"),
        ("web/src/main.tsx", "web/src/features/proxy-cache"),
    ],
)
def test_a_missing_place_is_found(tree: PlantedTree, planted: str, missing: str) -> None:
    """A place that exists at all has every noun; one that does not exist is not asked for."""
    tree.plant_feature("proxy_cache")
    tree.plant(f"{FOLDER}/routes.py", 'PATH = "/proxy-cache"\n')
    tree.plant(planted)

    assert tree.found_by(one_noun_six_places) == [f"{missing}:1"]


def test_a_feature_without_routes_needs_no_pages(tree: PlantedTree) -> None:
    """What cannot be asked over HTTP is not in the console."""
    tree.plant_feature("proxy_cache")
    tree.plant("web/src/main.tsx")

    assert tree.found_by(one_noun_six_places) == []


@pytest.mark.parametrize("name", ["routes.py", "cli.py"])
def test_an_edge_that_uses_another_noun_is_found(noun: PlantedTree, name: str) -> None:
    """The API and the command line use the feature's own word."""
    noun.plant(f"{FOLDER}/{name}", 'PATH = "/mirrors"\n')

    assert noun.found_by(one_noun_six_places) == [f"{FOLDER}/{name}:1"]


def test_a_command_may_use_the_singular(tree: PlantedTree) -> None:
    """The feature `projects` has the command `project`."""
    tree.plant_feature("projects")
    tree.plant("src/entrepot/features/projects/cli.py", 'GROUP = "project"\n')

    assert tree.found_by(one_noun_six_places) == []


def test_a_test_folder_without_a_twin_is_found(tree: PlantedTree) -> None:
    """Every folder of unit tests mirrors a folder of the package, or a module that needs many tests."""
    tree.plant("src/entrepot/oci/digest.py")
    tree.plant("tests/unit/oci/test_digest.py")
    tree.plant("tests/unit/oci/digest/test_parse.py")
    tree.plant("tests/unit/digests/test_parse.py")

    assert tree.found_by(mirror_the_package) == ["tests/unit/digests:1"]
