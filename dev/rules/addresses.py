# SPDX-License-Identifier: Apache-2.0
"""Addresses that do not belong into a repository: somebody else's mirror builds from it too."""

from collections.abc import Iterator
from pathlib import Path

from dev.rules.source import Violation

SKIPPED_FOLDERS = frozenset({".git", ".venv", ".cache", "data", "node_modules", "build", "dist", "__pycache__"})
TEXT_SUFFIXES = frozenset({"", ".cfg", ".ini", ".json", ".lock", ".md", ".py", ".sh", ".toml", ".yaml", ".yml"})
# In halves, so that this file does not break its own rule.
PACKAGE_INDEXES = tuple(
    "".join(halves)
    for halves in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("proxy.", "golang.org"),
        ("deb.", "debian.org"),
        ("crates", ".io/"),
    )
)


def no_file_names_a_package_index(tree: Path) -> Iterator[Violation]:
    """Files name packages and versions; where they come from is the machine's configuration."""
    for path in _text_files(tree):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            for address in PACKAGE_INDEXES:
                if address in line:
                    remedy = "Remove the address; for a lock file, run `make lock`."
                    yield Violation(path.relative_to(tree), number, f"no file names {address}", remedy)


def _text_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in SKIPPED_FOLDERS and not path.name.endswith("_cache"):
            yield from _text_files(path)
        elif path.is_file() and path.suffix in TEXT_SUFFIXES:
            yield path
