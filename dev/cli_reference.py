# SPDX-License-Identifier: Apache-2.0
"""The reference of every command, as the command line itself describes them."""

from collections.abc import Iterator

import typer
from typer.core import TyperCommand
from typer.core import TyperGroup

from entrepot.entry.cli import application

_INTRODUCTION = """\
# Command line

Exit status: 0 when done, 1 when refused or failed, 2 for wrong usage. Every command has `--help`.
"""


def cli_reference() -> str:
    """Return the page: a chapter for each command."""
    root = typer.main.get_command(application)
    return "\n".join([_INTRODUCTION, *_chapters(root, typer.Context(root, info_name="entrepot"))])


def _chapters(command: object, context: typer.Context) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        for name, inner in sorted(command.commands.items()):
            yield from _chapters(inner, typer.Context(inner, parent=context, info_name=name))
    elif isinstance(command, TyperCommand) and not command.hidden:
        yield _chapter(command, context)


def _chapter(command: TyperCommand, context: typer.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    records = [each.get_help_record(context) for each in command.params]
    lines = [f"## `{context.command_path}`", "", (command.help or "").strip(), "", "```text", usage, "```", ""]
    rows = [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in filter(None, records)]
    return "\n".join([*lines, *(["| | |", "|---|---|", *rows, ""] if rows else [])])


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|")
