# SPDX-License-Identifier: Apache-2.0
"""Where settings come from, and what is said about mistakes."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from entrepot.entry.configuration import InvalidConfiguration
from entrepot.entry.configuration import ServerSettings
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.registry.settings import RegistrySettings

SECRET = "hunter2-hunter2"


def write(text: str, name: str = "entrepot.toml") -> None:
    """Write a configuration file."""
    Path(name).write_text(text)


def mistakes() -> str:
    """Load, and return what is wrong."""
    with pytest.raises(InvalidConfiguration) as caught:
        load()
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)
    return caught.value.message


def test_nothing_has_to_be_configured() -> None:
    """Without file, variables and flags everything has a default."""
    settings = load()

    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 5000)
    assert settings.database_path == Path("data/entrepot.db")


def test_flags_win_over_variables_and_those_over_the_file() -> None:
    """Each source overrides the one before, setting by setting."""
    write('data_dir = "from-file"\n[server]\nhost = "file"\nport = 1\nworkers = 2\n[registry]\nregion = "file"\n')
    os.environ["ENTREPOT_SERVER__PORT"] = "2"
    os.environ["ENTREPOT_SERVER__HOST"] = "variable"
    override(server__host="flag", data_dir=Path("from-flag"), server__workers=None)
    settings = load()

    assert (settings.server.host, settings.server.port, settings.server.workers) == ("flag", 2, 2)
    assert settings.data_dir == Path("from-flag")
    assert settings.registry.region == "file"


def test_the_file_may_be_named() -> None:
    """A variable or a flag says which file is read instead of `entrepot.toml`."""
    write("[server]\nport = 1\n")
    write("[server]\nport = 2\n", "other.toml")
    override(config=Path("other.toml"))

    assert load().server.port == 2


def test_a_named_file_must_exist() -> None:
    """A file that was asked for and is not there is a mistake; the default one may be absent."""
    override(config=Path("missing.toml"))

    assert mistakes() == "the file missing.toml does not exist"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f'secret = "{SECRET}"', "secret"),
        (f'[server]\npassword = "{SECRET}"', "server.password"),
        (f'[registry.deep]\nvalue = "{SECRET}"', "registry.deep"),
        (f'[serverr]\nport = "{SECRET}"', "serverr"),
    ],
)
def test_a_key_that_is_no_setting_is_refused(text: str, place: str) -> None:
    """A misspelt key is told by its place, not passed over."""
    write(text)

    assert mistakes() == f"{place}: Extra inputs are not permitted"


@pytest.mark.parametrize("name", ["ENTREPOT_SERVER__PORTT", "ENTREPOT_DATADIR", "entrepot_sever__port", "ENTREPOT_"])
def test_a_variable_that_is_no_setting_is_refused(name: str) -> None:
    """A misspelt variable is told by its name, not passed over."""
    os.environ[name] = SECRET

    assert mistakes().startswith(f"the variable {name} is not a setting")


def test_variables_are_read_in_any_case() -> None:
    """The case of a variable's name does not matter."""
    os.environ["ENTREPOT_SERVER__PORT".lower()] = "7"

    assert load().server.port == 7


def test_every_mistake_is_told_at_once() -> None:
    """Nobody has to start again for each mistake."""
    write('[server]\nport = 70000\nlog_level = "loud"\n[storage]\nurl = "ftp://x"\n[nonsense]\n')
    os.environ["ENTREPOT_REGISTRY__REGION"] = "Not A Region"
    os.environ["ENTREPOT_WRONG"] = "1"
    told = mistakes()

    for place in ("ENTREPOT_WRONG", "server.port", "server.log_level", "storage.url", "nonsense", "registry.region"):
        assert place in told


@pytest.mark.parametrize(
    "text",
    [
        f'bootstrap_admin_password = ["{SECRET}"]',
        f'bootstrap_admin_password = "{SECRET}',
        f'[server]\nport = "{SECRET}"',
        f'[storage]\nurl = "s3://user:{SECRET}@bucket"',
        f"{SECRET}",
    ],
)
def test_values_are_never_repeated(text: str) -> None:
    """What is wrong may be a secret: the message names the place and the rule only."""
    write(text)

    assert mistakes() != ""


@pytest.mark.parametrize("name", ["ENTREPOT_SERVER__ALLOWED_HOSTS", "ENTREPOT_SERVER"])
def test_a_variable_that_cannot_be_read_is_told(name: str) -> None:
    """A list that is no JSON is the variable's mistake, not the file's, and its value is not repeated."""
    os.environ[name] = f"not json {SECRET}"
    told = mistakes()

    assert 'field "server"' in told
    assert "must be JSON" in told
    assert "TOML" not in told


def test_a_file_that_is_no_toml_is_told() -> None:
    """The message says which line."""
    write("[server]\nport = = 1\n")

    assert mistakes().startswith("the file is not valid TOML: Invalid value (at line 2")


def test_a_list_comes_from_a_variable_as_json() -> None:
    """Values that are more than text are written as JSON."""
    os.environ["ENTREPOT_SERVER__ALLOWED_HOSTS"] = '["registry.example"]'

    assert load().server.allowed_hosts == {"registry.example"}


def test_settings_do_not_show_secrets() -> None:
    """Settings may be logged."""
    os.environ["ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD"] = SECRET
    settings = load()

    assert settings.bootstrap_admin_password.get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


def test_settings_do_not_change() -> None:
    """Whoever reads a setting reads the same later."""
    with pytest.raises(ValueError, match="frozen"):
        setattr(load(), "data_dir", Path("elsewhere"))  # noqa: B010 - what a type checker would refuse


@pytest.mark.parametrize("section", [Settings, ServerSettings, StorageSettings, RegistrySettings])
def test_every_setting_says_what_it_is(section: type[BaseModel]) -> None:
    """Each setting has a description, from which the reference page is made."""
    sections = {"server", "storage", "registry"}
    undescribed = {name for name, field in section.model_fields.items() if not field.description}

    assert undescribed <= sections
