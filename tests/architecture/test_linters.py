# SPDX-License-Identifier: Apache-2.0
"""The settings of ruff, mypy and interrogate see what they are there for."""

import json
from pathlib import Path

import pytest

from tests.architecture.planting import PlantedTree

BRANCHES = "".join(f"    if value == {number}:\n        print(value)\n" for number in range(10))

LINT = {
    "C901": ("src/entrepot/registry/push.py", f"def tangled(value):\n{BRANCHES}"),
    "PLR0913": ("src/entrepot/registry/push.py", "def wide(a, b, c, d, e, f, g):\n    pass\n"),
    "TID251": ("tests/unit/test_push.py", "from unittest.mock import patch\n"),
    "TID252": ("src/entrepot/registry/push.py", "from . import pull\n"),
    "I001": ("src/entrepot/registry/push.py", "from os import path, sep\n"),
    "PLC0415": ("src/entrepot/registry/push.py", "def late():\n    import os\n"),
    "BLE001": ("src/entrepot/registry/push.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
    "ASYNC251": ("src/entrepot/registry/push.py", "import time\n\n\nasync def wait():\n    time.sleep(1)\n"),
    "E501": ("src/entrepot/registry/push.py", f"TEXT = '{'x' * 120}'\n"),
    "T201": ("src/entrepot/registry/push.py", "print(1)\n"),
    "SLF001": ("src/entrepot/registry/push.py", "def peek(thing):\n    return thing._secret\n"),
    "S608": ("src/entrepot/registry/push.py", "def find(name):\n    return f\"SELECT * FROM t WHERE n = '{name}'\"\n"),
    "ERA001": ("src/entrepot/registry/push.py", "# value = compute(1)\n"),
}

TYPES = {
    "no-untyped-def": "def f(value):\n    return value\n",
    "type-arg": "def f(values: list) -> None:\n    print(values)\n",
    "ignore-without-code": "x: int = ''  # type: ignore\n",
    "unreachable": "def f(value: int) -> int:\n    if isinstance(value, str):\n        return 1\n    return value\n",
    "redundant-expr": "def f(value: int) -> bool:\n    return isinstance(value, int) and True\n",
}


@pytest.mark.parametrize("code", LINT)
def test_ruff_finds_it(tree: PlantedTree, code: str) -> None:
    """The rule is selected, and applies where the violation is."""
    path, text = LINT[code]
    tree.plant(path, text)

    run = tree.run("ruff", "check", "--no-cache", "--output-format=json")

    assert code in {finding["code"] for finding in json.loads(run.stdout)}


def test_the_formatter_finds_another_layout(tree: PlantedTree) -> None:
    """Layout is the formatter's, at 120 columns."""
    tree.plant("src/entrepot/oci/digest.py", "x = {  'a':1 }\n")

    run = tree.run("ruff", "format", "--no-cache", "--check")

    assert run.returncode == 1
    assert "src/entrepot/oci/digest.py" in run.stdout


def test_mypy_is_strict(tree: PlantedTree) -> None:
    """Untyped functions, bare generics, blanket ignores, dead and redundant code are errors."""
    for number, code in enumerate(TYPES.values()):
        tree.plant(f"src/entrepot/oci/planted{number}.py", code)

    run = tree.run("mypy", "--cache-dir=/dev/null", "--output=json", "src")

    found = {(Path(error["file"]).stem, error["code"]) for error in map(json.loads, run.stdout.splitlines())}
    assert {(f"planted{number}", code) for number, code in enumerate(TYPES)} <= found


@pytest.mark.parametrize("definition", ["class Open:\n    pass\n", "def open_one() -> None:\n    pass\n"])
def test_a_public_name_without_a_docstring_is_found(tree: PlantedTree, definition: str) -> None:
    """What others may use says what it does; private names may go without."""
    tree.plant("src/entrepot/oci/private.py", "def _close() -> None:\n    pass\n")
    private = tree.run("interrogate", "src")
    tree.plant("src/entrepot/oci/public.py", definition)
    public = tree.run("interrogate", "src")

    assert (private.returncode, public.returncode) == (0, 1)


def test_a_test_without_a_docstring_is_found(tree: PlantedTree) -> None:
    """Every test states its rule."""
    tree.plant("tests/unit/test_push.py", "def test_push() -> None:\n    assert push()\n")

    run = tree.run("ruff", "check", "--select", "D103", "tests")

    assert run.returncode == 1
