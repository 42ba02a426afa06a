# SPDX-License-Identifier: Apache-2.0
"""Showing answers: tables for people, JSON for programs, and secrets once."""

import json
import sys
from collections.abc import Iterable
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from entrepot.infra.remote.address import authority_of
from entrepot.infra.remote.client import Item

_GAP = "   "


class Output(StrEnum):
    """Who reads it: people a table, programs JSON."""

    TABLE = "table"
    JSON = "json"


def show_items(items: Sequence[Item], columns: Iterable[str], output: Output) -> None:
    """Show a list. A column is a member of its items, `outer.inner` one within another."""
    if output is Output.JSON:
        _show_json({"items": items})
        return
    names = tuple(columns)
    rows = [tuple(_title(name).upper() for name in names)]
    rows += [tuple(_shown(_member(item, name)) for name in names) for item in items]
    header, *lines = _aligned(rows)
    _print("\n".join(lines), bold=header)


def show_item(item: Item, output: Output) -> None:
    """Show one thing: every member on a line of its own, but for lists of things."""
    if output is Output.JSON:
        _show_json(item)
        return
    _print("\n".join(_aligned([(_title(name), text) for name, text in _lines(item)])))


def tell(message: str, output: Output = Output.TABLE) -> None:
    """Say what was done, to people."""
    if output is Output.TABLE:
        _print(printable(message))


def show_secret(answer: Item, member: str, output: Output, *, hint: str = "") -> None:
    """Show a secret this once: in the answer for programs, alone where it is piped, and with `hint` on a terminal."""
    if output is Output.JSON:
        _show_json(answer)
    elif sys.stdout.isatty():
        show_item({name: value for name, value in answer.items() if name != "login"}, output)
        _print(f"\nThe {member} is shown this once.{printable(f' {hint}') if hint else ''}")
    else:
        sys.stdout.write(f"{answer[member]}\n")


def login_hint(url: str, user: str) -> str:
    """Say how docker is logged in with a secret; it asks for it, and no shell remembers it."""
    return f"To log docker in, give it as the password to: docker login {authority_of(url)} --username {user}"


def printable(text: str) -> str:
    """Spell what a terminal would obey instead of show: the answer of a server is not to move its cursor."""
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def _show_json(answer: Any) -> None:
    sys.stdout.write(f"{json.dumps(answer, indent=2)}\n")


def _print(text: str, *, bold: str = "") -> None:
    """Print lines as they are, below one in bold: nothing that people copy is cut, and a narrow terminal wraps."""
    console = Console(highlight=False)
    for each, style in ((bold, "bold"), (text, "")):
        if each:
            console.print(Text(each, style=style), soft_wrap=True)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row, with its cells below those of the others."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [_GAP.join(_padded(*cell) for cell in zip(row, widths, strict=True)).rstrip() for row in rows]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _title(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def _member(item: Item, name: str) -> Any:
    value: Any = item
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return " ".join(f"{name}={_shown(inner)}" for name, inner in value.items())
    return printable(str(value)).replace("\n", " ")


def _lines(item: Item, before: str = "") -> Iterable[tuple[str, str]]:
    for name, value in item.items():
        if isinstance(value, dict) and value:
            yield from _lines(value, f"{before}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ((f"{before}{name}", _shown(each)) for each in value)
        else:
            yield f"{before}{name}", _shown(value)
