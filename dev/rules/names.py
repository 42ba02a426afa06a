# SPDX-License-Identifier: Apache-2.0
"""Names that say nothing, and are therefore not used."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dev.rules.source import Violation
from dev.rules.source import python_files

EMPTY_WORDS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "shared"})
EMPTY_CLASS = re.compile(r"(Handler|Impl|Manager|Base|Utils?|Helpers?)$|^I(?=[A-Z][a-z])|^(Base|Abstract)(?=[A-Z])")
FIND_THE_NOUN = "Name it after what it holds or does, in the words of the OCI specification or the console."


def modules_have_telling_names(tree: Path) -> Iterator[Violation]:
    """No module or folder is called utils, helpers, common, misc, base, manager or shared."""
    for file in python_files(tree):
        words = {word for part in file.path.with_suffix("").parts for word in part.strip("_").split("_")}
        for word in sorted(words & EMPTY_WORDS):
            yield file.breaks(f"a module is not called {word!r}", FIND_THE_NOUN)


def classes_have_telling_names(tree: Path) -> Iterator[Violation]:
    """No class is a Handler, Impl, Manager, Base or an `I…`."""
    for file in python_files(tree):
        for node in ast.walk(file.module):
            if isinstance(node, ast.ClassDef) and EMPTY_CLASS.search(node.name.strip("_")):
                yield file.breaks(f"a class is not called {node.name!r}", FIND_THE_NOUN, node.lineno)
