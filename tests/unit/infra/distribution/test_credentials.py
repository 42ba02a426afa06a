# SPDX-License-Identifier: Apache-2.0
"""Logins that others keep."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.docker_config import HUB_KEY
from entrepot.infra.distribution.docker_config import DockerConfig
from entrepot.infra.distribution.docker_config import run_helper
from entrepot.infra.distribution.errors import CredentialsUnreadable
from entrepot.infra.distribution.own_logins import LoginsOfUser
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from entrepot.infra.remote.logins import URL_VARIABLE
from entrepot.infra.remote.logins import Logins
from entrepot.infra.remote.logins import SavedLogin

pytestmark = pytest.mark.anyio

BASIC = base64.b64encode(b"alice:pass:word").decode()


class LoginProgram:
    """A program that keeps logins."""

    def __init__(self, told: str, status: int = 0) -> None:
        self.asked: list[tuple[str, str]] = []
        self._told = status, told

    async def __call__(self, name: str, address: str) -> tuple[int, str]:
        """Answer."""
        self.asked.append((name, address))
        return self._told


def config(folder: Path, document: Any, helper: LoginProgram | None = None) -> DockerConfig:
    """Write a configuration of docker's."""
    (folder / "config.json").write_text(json.dumps(document))
    return DockerConfig(folder / "config.json", helper or LoginProgram("", 1))


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("registry.example", "registry.example"),
        ("https://registry.example/v2/", "registry.example"),
        ("registry.example:5000", "registry.example:5000"),
        (HUB_KEY, "docker.io"),
        (HUB_KEY, "registry-1.docker.io"),
    ],
)
async def test_a_login_is_found_by_its_host(tmp_path: Path, key: str, host: str) -> None:
    """However docker wrote it."""
    assert await config(tmp_path, {"auths": {key: {"auth": BASIC}}}).login_for(host) == Login("alice", "pass:word")
    assert await config(tmp_path, {"auths": {key: {"auth": BASIC}}}).login_for("other.example") is None


async def test_a_refresh_token_is_one(tmp_path: Path) -> None:
    """It goes to the token service."""
    found = config(tmp_path, {"auths": {"a.example": {"auth": BASIC, "identitytoken": "t"}}})

    assert await found.login_for("a.example") == Login("", "t", is_refresh=True)


async def test_helpers_are_asked(tmp_path: Path) -> None:
    """The one of the registry, else the one for all."""
    helper = LoginProgram('{"Username":"alice","Secret":"s"}')
    found = config(tmp_path, {"credHelpers": {"a.example": "one"}, "credsStore": "all"}, helper)

    assert await found.login_for("a.example") == Login("alice", "s")
    assert await found.login_for("b.example") == Login("alice", "s")
    assert helper.asked == [("one", "a.example"), ("all", "b.example")]


async def test_a_helper_that_knows_nothing_is_no_error(tmp_path: Path) -> None:
    """The file may know."""
    helper = LoginProgram("credentials not found in native keychain", 1)
    found = config(tmp_path, {"credsStore": "all", "auths": {"a.example": {"auth": BASIC}}}, helper)

    assert await found.login_for("a.example") == Login("alice", "pass:word")


@pytest.mark.parametrize("told", ["", "{}", "[]", '{"Username":"a"}'])
async def test_a_helper_that_says_nonsense_is_an_error(tmp_path: Path, told: str) -> None:
    """To go on without a login would hide it."""
    with pytest.raises(CredentialsUnreadable):
        await config(tmp_path, {"credsStore": "all"}, LoginProgram(told)).login_for("a.example")


async def test_no_path_becomes_a_helper(tmp_path: Path) -> None:
    """What the file names is a part of a program's name."""
    with pytest.raises(CredentialsUnreadable):
        await config(tmp_path, {"credsStore": "../../bin/sh"}, LoginProgram("{}")).login_for("a.example")
    with pytest.raises(CredentialsUnreadable):
        await run_helper("no-such-helper-anywhere", "a.example")


@pytest.mark.parametrize("text", ["", "[", '"x"', '{"auths":[]}', '{"auths":{"a.example":{"auth":"%%%"}}}'])
async def test_a_file_that_is_none_holds_no_login(tmp_path: Path, text: str) -> None:
    """Or is an error."""
    (tmp_path / "config.json").write_text(text)
    try:
        assert await DockerConfig(tmp_path / "config.json").login_for("a.example") is None
    except CredentialsUnreadable:
        assert text in ("", "[")


async def test_our_own_logins_come_first(tmp_path: Path) -> None:
    """With the address that was logged in to; the environment comes before all."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    kept = SavedLogin("alice", "token", ca_file="/ca.pem")
    await asyncio.to_thread(Logins(environment).keep, "https://a.example:8443", kept)
    docker = config(tmp_path, {"auths": {"a.example:8443": {"auth": BASIC}, "b.example": {"auth": BASIC}}})
    logins = LoginsOfUser(docker, environment)
    piped = LoginsOfUser(docker, {**environment, URL_VARIABLE: "https://a.example:8443", TOKEN_VARIABLE: "robot"})

    assert await logins.login_for("a.example:8443") == Login("alice", "token")
    assert await logins.login_for("b.example") == Login("alice", "pass:word")
    assert await piped.login_for("a.example:8443") == Login("", "robot")


def test_servers_are_asked_as_they_were_logged_in_to(tmp_path: Path) -> None:
    """Others by https, and on this machine by http."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    Logins(environment).keep("https://a.example:8443", SavedLogin("alice", "token", ca_file="/ca.pem"))
    logins = LoginsOfUser(DockerConfig(None), environment)

    assert logins.address_of("") == "https://a.example:8443"
    assert logins.address_of("localhost:5000") == "http://localhost:5000"
    assert logins.address_of("docker.io") == "https://registry-1.docker.io"
    assert logins.ca_files() == {"https://a.example:8443": Path("/ca.pem")}
