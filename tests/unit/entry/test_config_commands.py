# SPDX-License-Identifier: Apache-2.0
"""`entrepot config`."""

import json
import os
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.entry.cli import application
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration_reference import configuration_reference
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase


def run(*arguments: str) -> Result:
    """Run `entrepot config`."""
    return CliRunner().invoke(application, ["config", *arguments])


def test_a_good_configuration_is_said_to_be_good() -> None:
    """With what was read, so that nobody checks another file than the server reads."""
    without = run("check")
    Path("entrepot.toml").write_text("[server]\nport = 1\n")
    within = run("check")

    assert (without.exit_code, within.exit_code) == (0, 0)
    assert without.stdout == "The configuration is valid. Read: the environment; there is no file.\n"
    assert within.stdout == "The configuration is valid. Read: entrepot.toml and the environment.\n"


def test_every_mistake_gets_a_line() -> None:
    """And the exit status is 1."""
    Path("other.toml").write_text('[server]\nprot = 1\nport = "many"\n')
    os.environ["ENTREPOT_DATADIR"] = "x"
    result = run("check", "--config", "other.toml")

    assert result.exit_code == 1
    assert sorted(result.stderr.splitlines()) == [
        "server.port: Input should be a valid integer, unable to parse string as an integer",
        "server.prot is not a setting (did you mean server.port?)",
        "the variable ENTREPOT_DATADIR is not a setting (did you mean ENTREPOT_DATA_DIR?)",
    ]


def test_a_check_changes_nothing() -> None:
    """No folder is made."""
    run("check", "--data", "kept")

    assert list(Path().iterdir()) == []


def test_a_database_that_cannot_be_asked_from_here_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of its password may be where the server runs only."""
    monkeypatch.setenv("ENTREPOT_DATABASE__URL", "postgresql://entrepot@127.0.0.1:1/entrepot")
    monkeypatch.setenv("ENTREPOT_DATABASE__PASSWORD_FILE", "/nowhere/password")

    assert run("check").exit_code == 0


def test_accounts_for_emergencies_that_are_not_there_are_warned_of() -> None:
    """The configuration is good all the same; without a database there is nothing to compare it with."""
    section = '[identity]\nlocal_passwords = "break-glass"\nbreak_glass_accounts = ["root"]\n'
    Path("entrepot.toml").write_text(section)
    without = run("check", "--data", "kept")
    Path("kept").mkdir()
    database = SqliteDatabase(Path("kept") / DATABASE_FILE)
    schema.upgrade(database)
    database.close()
    within = run("check", "--data", "kept")

    assert (without.exit_code, without.stderr) == (within.exit_code, "") == (0, "")
    assert within.stderr == (
        "Warning: nobody of identity.break_glass_accounts is there and enabled: nobody can log in with a password.\n"
    )


def test_what_holds_is_shown_in_both_forms() -> None:
    """A configuration file by default, JSON on demand."""
    toml, as_json = run("show", "--data", "kept"), run("show", "--output", "json")

    assert (toml.exit_code, as_json.exit_code) == (0, 0)
    assert tomllib.loads(toml.stdout)["data_dir"] == "kept"
    assert 'data_dir = "kept"  # flag' in toml.stdout
    assert json.loads(as_json.stdout)["settings"]["server.port"]["value"] == 5000


@pytest.mark.parametrize("output", ["yaml", ""])
def test_another_form_is_wrong_usage(output: str) -> None:
    """There are two."""
    assert run("show", "--output", output).exit_code == 2


def test_the_reference_can_be_printed() -> None:
    """It is the page of the documentation."""
    assert run("reference").stdout == configuration_reference(Settings)
