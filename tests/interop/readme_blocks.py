# SPDX-License-Identifier: Apache-2.0
"""The commands that a page shows: its fenced `sh` blocks, each named by the line that introduces it."""

import re
from collections.abc import Container
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten

from tests.interop.commands import expect

TITLE_WIDTH = 48
FENCE = re.compile(r"^```(\S*)\s*$")
SHOWN = frozenset({"text", "toml", "ini", "json", "yaml"})
"""Fences around what readers do not type: output, and files."""

SESSIONS = SHOWN | {"console"}
"""The same, and sessions in which systemd is asked or a new version fetched: what no test machine can do."""

NAME = re.compile(r"(?<!http://)127\.0\.0\.1:5000(/[a-z0-9/-]+:[\w.-]+)")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines for a shell, where they are in their page, and the line of text before them."""

    line: int
    about: str
    script: str

    @property
    def title(self) -> str:
        """A name for a table of results."""
        return f"line {self.line}: {shorten(self.about, TITLE_WIDTH, placeholder=' …')}"

    @property
    def images(self) -> set[str]:
        """The `repository:tag` names of the registry that the commands use."""
        return {name.removeprefix("/") for name in NAME.findall(self.script)}


def blocks_of(page: str, shown: Container[str] = SHOWN) -> list[Block]:
    """Return the commands of a Markdown page in order.

    Raises `StepError` for a fence in any other language than `sh` and those that are only shown: commands that are
    written as `bash` would never be run.
    """
    return list(_blocks(page.splitlines(), shown))


def _blocks(lines: list[str], shown: Container[str]) -> Iterator[Block]:
    begin, language, about = 0, "", ""
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if begin and fence:
            if language == "sh":
                yield Block(begin, about, "\n".join(lines[begin : number - 1]) + "\n")
            begin = 0
        elif fence:
            begin, language = number, fence[1]
            expect(language == "sh" or language in shown, f"line {number}: commands are in ```sh blocks, not {line}")
        elif line and not begin:
            about = line.lstrip("#* ").rstrip(":. ")
    expect(not begin, f"line {begin}: this block has no end")
