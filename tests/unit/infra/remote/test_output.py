# SPDX-License-Identifier: Apache-2.0
"""How answers are shown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies

from entrepot.infra.remote.client import Item
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import login_hint
from entrepot.infra.remote.output import printable
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell

Captured = pytest.CaptureFixture[str]


def test_a_list_is_a_table(capsys: Captured) -> None:
    """Columns are aligned, nothing is cut, what is not there is a dash, and no line ends with spaces."""
    items: list[Item] = [{"name": "a" * 200, "who": {"is": True}}, {"name": "b", "who": None}]
    show_items(items, ("name", "who.is"), Output.TABLE)

    assert capsys.readouterr().out == f"NAME{' ' * 199}WHO IS\n{'a' * 200}   yes\nb{' ' * 202}-\n"


def test_an_empty_list_is_its_header(capsys: Captured) -> None:
    """And nothing below."""
    show_items([], ("name", "created_at"), Output.TABLE)

    assert capsys.readouterr().out == "NAME   CREATED AT\n"


def test_programs_get_what_the_server_said(capsys: Captured) -> None:
    """As JSON, whatever the columns are."""
    show_items([{"name": "a", "more": [1]}], ("name",), Output.JSON)

    assert json.loads(capsys.readouterr().out) == {"items": [{"name": "a", "more": [1]}]}


def test_one_thing_is_a_line_for_each_member(capsys: Captured) -> None:
    """Those of what is in it too; lists of things have a line for each thing."""
    show_item({"a_b": "x", "in": {"y": 1}, "list": [{"z": 2}, {"z": False}], "no": []}, Output.TABLE)

    assert capsys.readouterr().out == "a b    x\nin y   1\nlist   z=2\nlist   z=no\nno     -\n"


def test_what_a_terminal_would_obey_is_spelled(capsys: Captured) -> None:
    """Whoever pushed an image does not move the cursor of whoever looks at it."""
    show_item({"label": "\x1b]0;mine\x07\x1b[2J\r\u202e"}, Output.TABLE)

    assert capsys.readouterr().out == "label   \\x1b]0;mine\\x07\\x1b[2J\\r\\u202e\n"


@given(strategies.text())
def test_what_is_printable_stays_so(text: str) -> None:
    """No character is left that a terminal would obey, but the end of a line; doing it again changes nothing."""
    shown = printable(text)

    assert all(each.isprintable() or each == "\n" for each in shown)
    assert printable(shown) == shown


def test_programs_are_told_nothing_but_the_answer(capsys: Captured) -> None:
    """What is said to people does not get into their JSON."""
    tell("done", Output.JSON)
    tell("[bold]done[/bold] :smile:")

    assert capsys.readouterr().out == "[bold]done[/bold] :smile:\n"


def test_a_secret_is_alone_where_it_is_piped(capsys: Captured) -> None:
    """In JSON it is where the API has it."""
    show_secret({"name": "a", "secret": "ent_x"}, "secret", Output.TABLE, hint="Use it.")
    assert capsys.readouterr().out == "ent_x\n"

    show_secret({"name": "a", "secret": "ent_x"}, "secret", Output.JSON)
    assert json.loads(capsys.readouterr().out)["secret"] == "ent_x"


def test_the_hint_for_docker_does_not_repeat_the_secret() -> None:
    """A line to copy ends up in the history of a shell."""
    assert login_hint("http://127.0.0.1:5000", "team.ci").endswith("docker login 127.0.0.1:5000 --username team.ci")
