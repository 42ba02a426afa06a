# SPDX-License-Identifier: Apache-2.0
"""`.importlinter` sees imports that go the wrong way."""

import pytest

from tests.architecture.planting import PlantedTree

VIOLATIONS = {
    "a lower layer imports a higher one": (
        "Layers: entry",
        "infra/storage.py",
        "import entrepot.registry",
    ),
    "the vocabulary imports upwards": (
        "Layers: entry",
        "kernel/clock.py",
        "import entrepot.oci",
    ),
    "a feature is imported by the core": (
        "Layers: entry",
        "registry/push.py",
        "def late():\n    import entrepot.features.sbom",
    ),
    "a route of a feature is imported by its service": (
        "Inside a feature",
        "features/sbom/service.py",
        "import entrepot.features.sbom.routes",
    ),
    "a use case imports tables": (
        "Only stores know tables",
        "registry/push.py",
        "import entrepot.registry.tables",
    ),
    "a route imports tables": (
        "Only stores know tables",
        "features/sbom/routes.py",
        "import entrepot.features.sbom.tables",
    ),
    "a feature reads the core's tables": (
        "Only stores know tables",
        "features/sbom/service.py",
        "import entrepot.registry.tables",
    ),
    "a use case imports the protocol": (
        "Only the application knows",
        "registry/push.py",
        "import entrepot.registry.http",
    ),
    "two modules import each other": (
        "No cycles",
        "infra/queue.py",
        "import entrepot.infra.worker",
    ),
}


@pytest.fixture
def layers(tree: PlantedTree) -> PlantedTree:
    """A package with all layers that keeps every contract."""
    tree.plant_layers()
    tree.plant("src/entrepot/features/sbom/routes.py")
    tree.plant("src/entrepot/infra/worker.py", "import entrepot.infra.queue")
    tree.plant("src/entrepot/infra/queue.py")
    return tree


def test_imports_that_go_downwards_are_kept(layers: PlantedTree) -> None:
    """Every layer may import those below it, and a store its tables."""
    layers.plant("src/entrepot/entry/server.py", "import entrepot.registry.http\nimport entrepot.features.sbom")
    layers.plant("src/entrepot/registry/store/blobs.py", "import entrepot.registry.tables\nimport entrepot.oci")

    run = layers.run("lint-imports", "--no-cache", "--no-logo")

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("case", VIOLATIONS)
def test_a_wrong_import_is_found(layers: PlantedTree, case: str) -> None:
    """The contract that forbids the import is broken, and no other."""
    contract, path, code = VIOLATIONS[case]
    layers.plant(f"src/entrepot/{path}", code)

    run = layers.run("lint-imports", "--no-cache", "--no-logo")

    broken = [line for line in run.stdout.splitlines() if line.endswith("BROKEN")]
    assert run.returncode == 1
    assert len(broken) == 1, run.stdout
    assert broken[0].startswith(contract)


def test_a_folder_outside_the_layers_is_found(layers: PlantedTree) -> None:
    """A new top-level folder fails the build until the layers give it a place."""
    layers.plant("src/entrepot/toolbox/__init__.py")

    run = layers.run("lint-imports", "--no-cache", "--no-logo")

    assert run.returncode == 1
    assert "toolbox" in run.stdout
