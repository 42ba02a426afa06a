# SPDX-License-Identifier: Apache-2.0
"""Questions that commands ask, and whom they ask."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import typer
from typer.testing import CliRunner

from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import password_given
from entrepot.infra.remote.options import require_sure


@contextmanager
def typed(content: bytes) -> Iterator[None]:
    """Let standard input hold something, as a pipe does."""
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")
    yield
    sys.stdin = before


@contextmanager
def at_a_terminal(answer: bytes) -> Iterator[None]:
    """Let somebody sit at standard input who has typed an answer."""
    terminal, its_end = os.openpty()
    os.write(terminal, answer)
    before, sys.stdin = sys.stdin, os.fdopen(its_end, "r")
    yield
    sys.stdin.close()
    sys.stdin = before
    os.close(terminal)


@pytest.mark.parametrize("content", [b"correct horse\n", b"correct horse\r\nmore\n", b"correct horse"])
def test_a_password_is_a_line(content: bytes) -> None:
    """The first one, without its end; spaces are part of it."""
    with typed(content):
        assert password_given("Password", is_from_stdin=True) == "correct horse"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\n"])
def test_no_password_is_wrong_usage(content: bytes) -> None:
    """So is what is no text."""
    with typed(content), pytest.raises(typer.BadParameter):
        password_given("Password", is_from_stdin=True)


def test_a_pipe_is_not_asked() -> None:
    """The option that takes a password from it is named, and the one that answers a question."""
    with typed(b"y\n"):
        with pytest.raises(typer.BadParameter, match="--password-stdin"):
            password_given("Password", is_from_stdin=False)
        with pytest.raises(typer.BadParameter, match="--yes"):
            require_sure("Really?", is_sure=False)


@pytest.mark.parametrize(("answer", "is_meant"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_a_terminal_is_asked(answer: bytes, is_meant: bool) -> None:
    """No is what is meant by nothing."""
    with at_a_terminal(answer):
        try:
            require_sure("Really?", is_sure=False)
        except typer.Abort:
            assert not is_meant
        else:
            assert is_meant


def test_who_is_sure_is_not_asked() -> None:
    """Whoever it is."""
    with typed(b""):
        require_sure("Really?", is_sure=True)


def test_a_group_of_one_command_is_a_group() -> None:
    """Its command is named, and more can follow without a change for those who call it."""
    group = command_group("noun", "About it.")
    group.command("verb")(lambda: None)

    assert CliRunner().invoke(group, ["verb"]).exit_code == 0
