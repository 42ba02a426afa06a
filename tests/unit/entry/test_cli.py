# SPDX-License-Identifier: Apache-2.0
"""The command line: what it prints, and its exit status."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.core import TyperCommand
from typer.core import TyperGroup
from typer.main import get_command

from entrepot import __version__
from entrepot.entry.cli import application
from entrepot.entry.cli import main
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.server import free_port


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Run":
    """A shell."""
    return Run(monkeypatch, capsys)


class Run:
    """Runs `entrepot` with arguments; `output` and `errors` are those of the last run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.output = ""
        self.errors = ""

    def __call__(self, *arguments: str) -> int:
        """Run it and return the exit status."""
        self._monkeypatch.setattr(sys, "argv", ["entrepot", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        self.output, self.errors = (" ".join(text.split()) for text in self._capsys.readouterr())
        return int(ended.value.code or 0)


@pytest.mark.parametrize("asking", ["version", "--version"])
def test_the_version_is_printed(run: Run, asking: str) -> None:
    """Both do."""
    assert run(asking) == 0
    assert run.output == f"entrepot {__version__}"


def every_command(command: object, *path: str) -> Iterator[tuple[str, TyperCommand]]:
    """Yield each command that does something, by its words; an alias is hidden, and is that of another."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            if not inner.hidden:
                yield from every_command(inner, *path, name)
    elif isinstance(command, TyperCommand):
        yield " ".join(path), command


COMMANDS = dict(every_command(get_command(application), "entrepot"))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_an_example(words: str) -> None:
    """Its help ends with a line to copy and change."""
    example = (COMMANDS[words].help or "").strip().splitlines()[-1]

    assert example.startswith(f"Example: {words.replace('entrepot access ', 'entrepot ')}")


@pytest.mark.parametrize("arguments", [("nonsense",), ("serve", "--nonsense"), ("serve", "--port", "70000")])
def test_wrong_usage_ends_with_two(run: Run, arguments: tuple[str, ...]) -> None:
    """What the command line does not know is wrong usage, and touches nothing."""
    assert run(*arguments) == 2
    assert list(Path().iterdir()) == []


def test_a_database_is_upgraded_once(run: Run) -> None:
    """`db upgrade` makes folder and schema, says so, and has nothing to do the second time."""
    assert run("db", "upgrade", "--data", "kept") == 0
    assert run.output.startswith("The database is at ")
    assert run.output.endswith("(was empty).")
    assert run("db", "upgrade", "--data", "kept") == 0
    assert run.output.endswith("(was there already).")
    assert run("db", "check", "--data", "kept") == 0
    assert Path("kept").stat().st_mode & 0o777 == 0o700


def test_a_missing_database_is_not_made_by_a_check(run: Run) -> None:
    """`db check` looks and changes nothing."""
    assert run("db", "check", "--data", "kept") == 1
    assert run.errors.startswith("entrepot: there is no database at kept/entrepot.db")
    assert not Path("kept").exists()


def test_an_outdated_database_is_told(run: Run) -> None:
    """`db check` on an empty database says how to upgrade."""
    Path("data").mkdir()
    Path("data/entrepot.db").touch()

    assert run("db", "check") == 1
    assert "then run: entrepot db upgrade" in run.errors


@pytest.mark.parametrize("command", [("db", "upgrade"), ("db", "check"), ("serve", "--port", str(free_port()))])
def test_a_damaged_database_is_told_in_words(run: Run, command: tuple[str, ...]) -> None:
    """No command ends in a traceback because a file is damaged."""
    Path("data").mkdir()
    Path("data/entrepot.db").write_bytes(b"this is no database at all" * 1_000)

    assert run(*command) == 1
    assert run.errors.startswith("entrepot: the database does not answer: file is not a database")


def test_a_newer_database_is_told(run: Run) -> None:
    """A database of a newer version is left alone."""
    assert run("db", "upgrade") == 0
    database = SqliteDatabase(Path("data/entrepot.db"))
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    for command in (("db", "upgrade"), ("db", "check"), ("serve", "--port", str(free_port()))):
        assert run(*command) == 1
        assert run.errors.startswith("entrepot: the database is at 9999")


def test_mistakes_in_the_configuration_are_told(run: Run) -> None:
    """Every command that reads the configuration says what is wrong with it, and does nothing else."""
    os.environ["ENTREPOT_NONSENSE"] = "1"

    for command in (("db", "upgrade"), ("db", "check"), ("serve",), ("verify",)):
        assert run(*command) == 1
        assert run.errors.startswith("entrepot: the variable ENTREPOT_NONSENSE is not a setting")
    assert list(Path().iterdir()) == []


def test_an_address_that_is_taken_is_told(run: Run) -> None:
    """Two servers cannot listen at the same place; nothing is made before that is known."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert run("serve", "--port", str(port)) == 1
    assert run.errors.startswith(f"entrepot: cannot listen on 127.0.0.1:{port}: the program ")
    assert "choose another port with --port" in run.errors
    assert not Path("data").exists()


def test_a_port_for_metrics_that_is_taken_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint names the setting, and the server does not start without it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("ENTREPOT_METRICS__PORT", str(port))

        assert run("serve", "--port", "0") == 1
    assert run.errors.startswith(f"entrepot: cannot listen on 127.0.0.1:{port}: ")
    assert "metrics.port" in run.errors


@pytest.mark.parametrize("variable", ["ENTREPOT_SERVER__HOST", "ENTREPOT_METRICS__HOST"])
def test_nothing_is_served_in_the_clear_beyond_loopback(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Neither the registry nor its metrics, until somebody says that it is meant."""
    monkeypatch.setenv("ENTREPOT_METRICS__PORT", "9")
    monkeypatch.setenv(variable, "0.0.0.0")  # noqa: S104 - refused

    assert run("serve", "--port", "0") == 1
    assert "0.0.0.0 can be reached from other machines" in run.errors
    assert "--insecure-http" in run.errors
