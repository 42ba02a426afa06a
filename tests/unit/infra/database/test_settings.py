# SPDX-License-Identifier: Apache-2.0
"""What the section `database` of the configuration takes."""

import pytest
from pydantic import SecretStr
from pydantic import ValidationError

from entrepot.infra.database.settings import DatabaseSettings

SECRET = "correct-horse"


def test_without_a_url_it_is_sqlite() -> None:
    """An installation for one machine configures nothing."""
    settings = DatabaseSettings()

    assert (settings.url.get_secret_value(), settings.password_file, settings.password_command) == ("", None, ())


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_both_schemes_of_postgresql_are_taken(scheme: str) -> None:
    """As its own programs do."""
    settings = DatabaseSettings(url=SecretStr(f"{scheme}://entrepot@db.example/entrepot?sslmode=verify-full"))

    assert settings.url.get_secret_value().startswith(scheme)


@pytest.mark.parametrize("url", ["mysql://db.example/entrepot", "sqlite:///file", "db.example", "POSTGRESQL://x"])
def test_another_database_is_refused(url: str) -> None:
    """The message says what there is."""
    with pytest.raises(ValidationError, match="must begin with postgresql://, or be empty for SQLite"):
        DatabaseSettings(url=SecretStr(url))


def test_a_url_is_not_shown() -> None:
    """There may be a password in it, and settings are logged."""
    settings = DatabaseSettings(url=SecretStr(f"postgresql://entrepot:{SECRET}@db.example/entrepot"))

    assert SECRET not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("connections", [0, 1, 1_001])
def test_connections_are_bounded(connections: int) -> None:
    """One alone would let a write wait for a read that waits for it."""
    with pytest.raises(ValidationError, match="connections"):
        DatabaseSettings(connections=connections)


def test_a_command_is_a_list_of_words() -> None:
    """No shell takes it apart."""
    settings = DatabaseSettings.model_validate({"password_command": ["cat", "a file"]})

    assert settings.password_command == ("cat", "a file")
    with pytest.raises(ValidationError):
        DatabaseSettings.model_validate({"password_command": "cat file"})
