# SPDX-License-Identifier: Apache-2.0
"""The `logs` and `metrics` sections of the configuration."""

from typing import Literal
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import model_validator

MIN_TOKEN_CHARACTERS = 16


class LogSettings(BaseModel):
    """What is logged, and how it looks. Logs go to standard error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["auto", "json", "console"] = Field(
        "auto", description="JSON, lines for people, or the latter only on a terminal."
    )
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe event to log.")
    requests: Literal["off", "errors", "all"] = Field(
        "errors",
        description=(
            "Requests that get a line: none, those that were refused or failed"
            " (without 404, and without the 401 that asks for credentials), or all."
        ),
    )


class MetricsSettings(BaseModel):
    """Who may read `/metrics` and `/api/docs`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    access: Literal["loopback", "token", "open"] = Field(
        "loopback", description="Clients on this machine that no proxy stands for, whoever has the token, or anybody."
    )
    token: SecretStr = Field(
        SecretStr(""), description="What a client sends as a Bearer token, or as a password with any user name."
    )
    port: int | None = Field(
        None, ge=1, le=65_535, description="A port of their own for both, which no other port answers then."
    )
    host: str = Field("localhost", description="Addresses to listen on at that port, written like server.host.")

    @model_validator(mode="after")
    def _has_token(self) -> Self:
        if self.access == "token" and len(self.token.get_secret_value()) < MIN_TOKEN_CHARACTERS:
            raise ValueError(f"access by token needs a token of at least {MIN_TOKEN_CHARACTERS} characters")
        return self
