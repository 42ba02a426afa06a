# SPDX-License-Identifier: Apache-2.0
"""The shape of a feature, and how features reach each other."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev.rules.source import PACKAGE
from dev.rules.source import Import
from dev.rules.source import SourceFile
from dev.rules.source import Violation
from dev.rules.source import imports
from dev.rules.source import python_files

FEATURES = PACKAGE / "features"
FRONT_DOOR_STATEMENTS = (ast.ImportFrom, ast.Import)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a feature's `feature.py` says, read without importing it."""

    name: str
    needs: tuple[str, ...]


def feature_names(tree: Path) -> list[str]:
    """Return the names of the folders of `features/` that hold code, sorted."""
    return sorted({path.name for path in (tree / FEATURES).glob("*") if any(path.glob("*.py"))})


def declared(tree: Path, feature: str) -> Declaration | None:
    """Read the call `feature = Feature(name="…", needs=("…",))`, or return None when there is none."""
    for file in python_files(tree, FEATURES / feature):
        if file.path == FEATURES / feature / "feature.py":
            for node in file.module.body:
                if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
                    return _read_declaration(node.value)
    return None


def features_have_one_shape(tree: Path) -> Iterator[Violation]:
    """Each folder has an `__init__.py` that only re-exports, and a `feature.py` that declares its noun."""
    for feature in feature_names(tree):
        folder = FEATURES / feature
        declaration = declared(tree, feature)
        if declaration is None or declaration.name != feature:
            remedy = f'Write there: feature = Feature(name="{feature}", …), with literal strings.'
            yield Violation(folder / "feature.py", 1, "a feature declares itself in feature.py", remedy)
        if not (tree / folder / "__init__.py").exists():
            remedy = "Say in a paragraph what it is for, and import what other features may use."
            yield Violation(folder / "__init__.py", 1, "a feature has a front door", remedy)
        yield from _code_in_front_door(tree, folder)


def features_use_front_doors(tree: Path) -> Iterator[Violation]:
    """A feature imports another through its package only, and never its own package."""
    for owner, file, imported, target in _feature_imports(tree):
        is_inside = _reaches_inside(tree, imported, target)
        if owner == target and not is_inside:
            remedy = "Import the module that defines it: the front door is for the others."
            yield file.breaks(f"{owner} does not use its own front door", remedy, imported.line)
        if owner != target and is_inside:
            remedy = f"Import it from {_package(target)}, after {target}/__init__.py re-exports it."
            yield file.breaks(f"{owner} reaches into {target}", remedy, imported.line)


def features_declare_their_needs(tree: Path) -> Iterator[Violation]:
    """A feature imports only features that its `needs` name, and `needs` name features that exist."""
    known = feature_names(tree)
    for owner, file, imported, target in _feature_imports(tree):
        declaration = declared(tree, owner)
        if target not in (owner, *(declaration.needs if declaration else ())):
            remedy = f'Add "{target}" to needs in {owner}/feature.py, or publish an event instead.'
            yield file.breaks(f"{owner} uses {target} without declaring it", remedy, imported.line)
    for owner in known:
        declaration = declared(tree, owner)
        for need in declaration.needs if declaration else ():
            if need not in known:
                remedy = f"There are: {', '.join(known)}."
                yield Violation(
                    FEATURES / owner / "feature.py", 1, f"{owner} needs {need}, which is no feature", remedy
                )


def _feature_imports(tree: Path) -> Iterator[tuple[str, SourceFile, Import, str]]:
    """Yield (feature, its file, an import in it, the feature that this import reaches)."""
    known = feature_names(tree)
    for owner in known:
        for file in python_files(tree, FEATURES / owner):
            for imported in imports(file):
                target = next(iter(f"{imported.module}.{imported.name}".split(".")[2:]), "")
                if imported.module.startswith("entrepot.features") and target in known:
                    yield owner, file, imported, target


def _code_in_front_door(tree: Path, folder: Path) -> Iterator[Violation]:
    for file in python_files(tree, folder):
        if file.path != folder / "__init__.py":
            continue
        for node in file.module.body[1:]:
            is_export_list = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            if not isinstance(node, FRONT_DOOR_STATEMENTS) and not is_export_list:
                remedy = "Move it into a module and import it from there."
                yield file.breaks("a front door re-exports and holds no code", remedy, node.lineno)


def _read_declaration(call: ast.Call) -> Declaration | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    try:
        name = ast.literal_eval(given["name"])
        needs = ast.literal_eval(given["needs"]) if "needs" in given else ()
    except (KeyError, ValueError):
        return None
    return Declaration(str(name), tuple(str(need) for need in needs))


def _reaches_inside(tree: Path, imported: Import, feature: str) -> bool:
    package = _package(feature)
    place = tree / FEATURES / feature / imported.name
    is_module = imported.name != "" and (place.is_dir() or place.with_suffix(".py").is_file())
    return imported.module.startswith(f"{package}.") or (imported.module == package and is_module)


def _package(feature: str) -> str:
    return f"entrepot.features.{feature}"
