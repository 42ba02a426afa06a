# SPDX-License-Identifier: Apache-2.0
"""Generated files, and generated parts of files, agree with the code."""

from pathlib import Path

import pytest

from dev.generate import NEEDS
from dev.generate import GeneratedFile
from dev.generate import main
from tests.architecture.planting import PlantedTree

MARKS = "# Architecture\n<!-- generated: needs -->\nold\n<!-- end: needs -->\nThe rest.\n"


@pytest.fixture
def stale(tree: PlantedTree) -> PlantedTree:
    """A tree whose ARCHITECTURE.md was written before its features."""
    tree.plant_feature("sbom")
    tree.plant_feature("policies", "sbom")
    tree.plant("ARCHITECTURE.md", MARKS, header="")
    return tree


def test_an_outdated_part_is_found_and_left_as_it_is(stale: PlantedTree, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` names the file and what to run, and changes nothing."""
    status = main(["--check"], stale.root, [NEEDS])

    assert status == 1
    assert "ARCHITECTURE.md is out of date. Run `make fix`" in capsys.readouterr().err
    assert (stale.root / "ARCHITECTURE.md").read_text() == MARKS


def test_the_needs_of_features_are_drawn_between_the_marks(stale: PlantedTree) -> None:
    """Writing replaces what is between the marks and nothing else, once."""
    status = main([], stale.root, [NEEDS])

    text = (stale.root / "ARCHITECTURE.md").read_text()
    assert status == 0
    assert "    policies\n    policies --> sbom\n    sbom\n" in text
    assert text.startswith("# Architecture\n")
    assert text.endswith("<!-- end: needs -->\nThe rest.\n")
    assert main(["--check"], stale.root, [NEEDS]) == 0


def test_lost_marks_are_reported(stale: PlantedTree) -> None:
    """A file without the marks is an error that says which to put back."""
    stale.plant("ARCHITECTURE.md", "# Architecture\n", header="")

    with pytest.raises(SystemExit, match="has lost its marks: put <!-- generated: needs -->"):
        main([], stale.root, [NEEDS])


def test_a_file_that_is_generated_whole_is_written_and_compared(stale: PlantedTree) -> None:
    """A missing file is out of date; writing makes it, and a line added by hand is found."""
    file = GeneratedFile(Path("docs/reference/list.json"), lambda: "[]\n")

    before = main(["--check"], stale.root, [file])
    main([], stale.root, [file])
    after = main(["--check"], stale.root, [file])

    stale.plant("docs/reference/list.json", "[1]\n", header="")
    assert (before, after, main(["--check"], stale.root, [file])) == (1, 0, 1)
