# SPDX-License-Identifier: Apache-2.0
"""Where things are found: one noun in six places, and tests beside what they test."""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from dev.rules.features import FEATURES
from dev.rules.features import feature_names
from dev.rules.source import PACKAGE
from dev.rules.source import SourceFile
from dev.rules.source import Violation
from dev.rules.source import python_files
from dev.rules.source import strings

UNIT_TESTS = Path("tests/unit")
HOW_TO = Path("docs/how-to")
CONSOLE = Path("web/src/features")


def one_noun_six_places(tree: Path) -> Iterator[Violation]:
    """A feature has its noun as folder, API path, command, how-to page, console folder and test folder.

    A place counts once it exists at all: no console, no missing console folder. What has no routes has no pages.
    Paths, commands and pages spell `proxy_cache` as `proxy-cache`.
    """
    for noun in feature_names(tree):
        spelling = noun.replace("_", "-")
        yield from _missing(tree, UNIT_TESTS, UNIT_TESTS / "features" / noun, noun)
        yield from _missing(tree, HOW_TO, HOW_TO / f"{spelling}.md", noun)
        speaking = [file for file in python_files(tree, FEATURES / noun) if _is_routes(file)]
        if speaking:
            yield from _unrouted(speaking, noun, spelling)
            yield from _missing(tree, CONSOLE.parents[1], CONSOLE / spelling, noun)
        for file in python_files(tree, FEATURES / noun):
            yield from _unspoken(file, noun, spelling)


def tests_mirror_the_package(tree: Path) -> Iterator[Violation]:
    """A folder of unit tests has a twin in the package (those of `dev` are in tests/unit/dev)."""
    folders = {file.path.parent for file in python_files(tree, UNIT_TESTS)}
    for folder in sorted(folders - {UNIT_TESTS}):
        below = folder.relative_to(UNIT_TESTS)
        twins = (PACKAGE / below, below, (PACKAGE / below).with_suffix(".py"))
        if not any((tree / twin).exists() for twin in twins):
            remedy = f"Move the tests to the folder that mirrors what they test; there is no {twins[0]}."
            yield Violation(folder, 1, "tests/unit mirrors src/entrepot", remedy)


def _missing(tree: Path, root: Path, place: Path, noun: str) -> Iterator[Violation]:
    if (tree / root).exists() and not (tree / place).exists():
        yield Violation(place, 1, f"the feature {noun} has its noun in six places", f"Add {place}.")


def _is_routes(file: SourceFile) -> bool:
    """Tell whether a file has routes: `routes.py`, or one of a folder of that name."""
    return file.path.name == "routes.py" or (file.path.parent.name == "routes" and file.path.name != "__init__.py")


def _unrouted(files: Sequence[SourceFile], noun: str, spelling: str) -> Iterator[Violation]:
    if not any(f"/{spelling}" in text for file in files for text in strings(file)):
        remedy = f'Put its routes under "/{spelling}".'
        yield files[0].breaks(f"the feature {noun} has its noun in the API", remedy)


def _unspoken(file: SourceFile, noun: str, spelling: str) -> Iterator[Violation]:
    spoken = set(strings(file))
    if file.path.name == "cli.py" and not spoken & {spelling, spelling.removesuffix("s")}:
        remedy = f'Name its group of commands "{spelling}".'
        yield file.breaks(f"the feature {noun} has its noun on the command line", remedy)
