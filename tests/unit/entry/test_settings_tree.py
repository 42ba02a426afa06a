# SPDX-License-Identifier: Apache-2.0
"""Settings by name, and how they are described."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel
from pydantic import Field
from pydantic import IPvAnyNetwork
from pydantic import SecretStr

from entrepot.entry.configuration_reference import configuration_reference
from entrepot.entry.settings_tree import every_setting
from entrepot.entry.settings_tree import sections


class Mode(StrEnum):
    """Where certificates come from."""

    OFF = "off"
    AUTO = "auto"
    ACME = "acme"


class Tls(BaseModel):
    """How connections are encrypted.

    More about it.
    """

    key: Path | None = Field(None, description="The private key.")
    mode: Mode = Field(Mode.OFF, description="Where certificates come from.")
    version: Literal["1.2", "1.3"] = Field("1.2", description="At least this one.")
    peers: tuple[IPvAnyNetwork, ...] = Field((), description="Whom to trust.")


class Server(BaseModel):
    """Where to listen."""

    port: int = Field(5000, ge=0, le=65_535, description="The port.")
    tls: Tls = Tls()
    ratio: float = Field(0.5, gt=0, lt=1, description="A | B.")


class Everything(BaseModel):
    """Before any section."""

    server: Server = Server()
    token: SecretStr = Field(SecretStr(""), description="A secret.")
    hosts: frozenset[str] = Field(frozenset({"b", "a"}), description="Names.")
    is_open: bool = Field(False, description="Whether.")


def test_sections_come_in_the_order_of_a_file() -> None:
    """What stands before any section first, then each section and those within it."""
    found = [(section.name, section.summary) for section in sections(Everything)]

    assert found == [
        ("", "Before any section."),
        ("server", "Where to listen."),
        ("server.tls", "How connections are encrypted."),
    ]


def test_a_setting_has_one_name_everywhere() -> None:
    """Its place in the file, and the variable made from it."""
    found = {setting.name: setting.variable for setting in every_setting(Everything)}

    assert found["server.tls.key"] == "ENTREPOT_SERVER__TLS__KEY"
    assert found["token"] == "ENTREPOT_TOKEN"
    assert "server" not in found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("server.port", "whole number, at least 0, at most 65,535"),
        ("server.ratio", "number, more than 0, less than 1"),
        ("server.tls.key", "path"),
        ("server.tls.mode", "`off`, `auto` or `acme`"),
        ("server.tls.version", "`1.2` or `1.3`"),
        ("server.tls.peers", "list of network"),
        ("token", "secret text"),
        ("hosts", "list of text"),
        ("is_open", "true or false"),
    ],
)
def test_what_a_setting_takes_is_said_in_words(name: str, kind: str) -> None:
    """No Python types are shown to people."""
    found = {setting.name: setting for setting in every_setting(Everything)}

    assert found[name].kind == kind
    assert found[name].is_secret is (name == "token")


def test_the_reference_has_a_row_for_each_setting() -> None:
    """Name, type, default, variable and sentence; bars are escaped and sets sorted, so that the page is stable."""
    page = configuration_reference(Everything)

    assert '| `hosts` | list of text | `["a", "b"]` | `ENTREPOT_HOSTS` | Names. |' in page
    assert "| `server.ratio` | number, more than 0, less than 1 | `0.5` | `ENTREPOT_SERVER__RATIO` | A \\| B. |" in page
    assert "## `[server.tls]`" in page
    assert "| `token` | secret text |  | `ENTREPOT_TOKEN` | A secret. |" in page
