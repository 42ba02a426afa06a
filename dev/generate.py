# SPDX-License-Identifier: Apache-2.0
"""Writes the parts of committed files that are made from the code, or tells which are out of date.

python -m dev.generate           write them
python -m dev.generate --check   change nothing; exit with 1 when one is out of date
"""

import sys
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.rules.features import declared
from dev.rules.features import feature_names

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Generated:
    """A part of a file, between `<!-- generated: name -->` and `<!-- end: name -->`."""

    path: Path
    name: str
    render: Callable[[Path], str]
    """Takes the root of the tree and returns the text between the marks."""

    def put_into(self, text: str, content: str) -> str:
        """Return `text` with `content` between this part's marks."""
        begin, end = f"<!-- generated: {self.name} -->", f"<!-- end: {self.name} -->"
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found_begin or not found_end:
            raise SystemExit(f"{self.path} has lost its marks: put {begin} and {end} where the part belongs")
        return f"{before}{begin}\n{content}\n{end}{after}"


def needs_graph(tree: Path) -> str:
    """Draw which feature imports which, as Mermaid: an arrow reads "needs"."""
    lines = ["```mermaid", "flowchart LR"]
    for feature in feature_names(tree):
        declaration = declared(tree, feature)
        needs = declaration.needs if declaration else ()
        lines.append(f"    {feature}")
        lines.extend(f"    {feature} --> {need}" for need in sorted(needs))
    return "\n".join([*lines, "```"])


GENERATED = (Generated(Path("ARCHITECTURE.md"), "needs", needs_graph),)


def outdated(tree: Path) -> dict[Path, str]:
    """Return what the files whose generated parts differ from the code should hold."""
    due = {}
    for part in GENERATED:
        text = (tree / part.path).read_text(encoding="utf-8")
        current = part.put_into(text, part.render(tree))
        if current != text:
            due[part.path] = current
    return due


def main(arguments: Sequence[str], tree: Path = ROOT) -> int:
    """Write or compare, and return the exit status."""
    due = outdated(tree)
    for path, text in due.items():
        if "--check" in arguments:
            print(f"{path} is out of date. Run `make fix` and commit the result.", file=sys.stderr)
        else:
            (tree / path).write_text(text, encoding="utf-8")
            print(f"{path} written")
    return 1 if due and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
