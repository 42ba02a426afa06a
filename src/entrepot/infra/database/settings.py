# SPDX-License-Identifier: Apache-2.0
"""The `database` section of the configuration."""

from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import field_validator

SCHEMES = ("postgresql://", "postgres://")


class DatabaseSettings(BaseModel):
    """Where everything but the bytes is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL to use, as `postgresql://user@host/name?sslmode=verify-full`; "
        "default: the SQLite file entrepot.db in data_dir.",
    )
    password_file: Path | None = Field(
        None, description="File whose first line is the password; read for each connection."
    )
    password_command: tuple[str, ...] = Field(
        (), description="Command, word by word, that prints the password; run for each connection, not through a shell."
    )
    listen_url: SecretStr = Field(
        SecretStr(""),
        description="The same database, past any pooler: nodes tell each other there that there is work; "
        "default: each looks every second.",
    )
    connections: int = Field(10, ge=2, le=1_000, description="Connections of each server process, at most.")

    @field_validator("url", "listen_url")
    @classmethod
    def _is_known(cls, url: SecretStr) -> SecretStr:
        if url and not url.get_secret_value().startswith(SCHEMES):
            raise ValueError("must begin with postgresql://, or be empty for SQLite")
        return url
