# SPDX-License-Identifier: Apache-2.0
"""Writes the committed files, and parts of files, that are made from the code, or tells which are out of date.

python -m dev.generate           write them
python -m dev.generate --check   change nothing; exit with 1 when one is out of date
"""

import sys
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dev.audit_reference import audit_reference
from dev.cli_reference import cli_reference
from dev.openapi import openapi
from dev.role_reference import role_reference
from dev.rules.features import declared
from dev.rules.features import feature_names
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration_reference import configuration_reference

ROOT = Path(__file__).parents[1]


class Generated(Protocol):
    """A file that is made from the code, as a whole or in part."""

    @property
    def path(self) -> Path:
        """Where it is, relative to the root of the tree."""

    def current(self, tree: Path) -> str:
        """Return what the file should hold."""


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file without a line written by hand."""

    path: Path
    render: Callable[[], str]

    def current(self, tree: Path) -> str:
        """Return what the file should hold."""
        return self.render()


@dataclass(frozen=True, slots=True)
class GeneratedPart:
    """A part of a file, between `<!-- generated: name -->` and `<!-- end: name -->`."""

    path: Path
    name: str
    render: Callable[[Path], str]
    """Takes the root of the tree and returns the text between the marks."""

    def current(self, tree: Path) -> str:
        """Return what the file should hold: what it holds, but for what is between this part's marks."""
        text = (tree / self.path).read_text(encoding="utf-8")
        begin, end = f"<!-- generated: {self.name} -->", f"<!-- end: {self.name} -->"
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found_begin or not found_end:
            raise SystemExit(f"{self.path} has lost its marks: put {begin} and {end} where the part belongs")
        return f"{before}{begin}\n{self.render(tree)}\n{end}{after}"


def needs_graph(tree: Path) -> str:
    """Draw which feature imports which, as Mermaid: an arrow reads "needs"."""
    lines = ["```mermaid", "flowchart LR"]
    for feature in feature_names(tree):
        declaration = declared(tree, feature)
        needs = declaration.needs if declaration else ()
        lines.append(f"    {feature}")
        lines.extend(f"    {feature} --> {need}" for need in sorted(needs))
    return "\n".join([*lines, "```"])


NEEDS = GeneratedPart(Path("ARCHITECTURE.md"), "needs", needs_graph)
OPENAPI = GeneratedFile(Path("docs/reference/openapi.json"), openapi)
CONFIGURATION = GeneratedFile(Path("docs/reference/configuration.md"), lambda: configuration_reference(Settings))
COMMANDS = GeneratedFile(Path("docs/reference/cli.md"), cli_reference)
ROLES = GeneratedPart(Path("docs/reference/roles.md"), "roles", lambda _tree: role_reference())
AUDIT = GeneratedPart(Path("docs/reference/audit.md"), "types", lambda _tree: audit_reference())
GENERATED: tuple[Generated, ...] = (NEEDS, OPENAPI, CONFIGURATION, COMMANDS, ROLES, AUDIT)


def outdated(tree: Path, generated: Sequence[Generated]) -> dict[Path, str]:
    """Return what the files that differ from the code, or are not there, should hold."""
    wanted = {each.path: each.current(tree) for each in generated}
    return {path: text for path, text in wanted.items() if not _holds(tree / path, text)}


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(arguments: Sequence[str], tree: Path = ROOT, generated: Sequence[Generated] = GENERATED) -> int:
    """Write or compare, and return the exit status."""
    due = outdated(tree, generated)
    for path, text in due.items():
        if "--check" in arguments:
            print(f"{path} is out of date. Run `make fix` and commit the result.", file=sys.stderr)
        else:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text, encoding="utf-8")
            print(f"{path} written")
    return 1 if due and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
