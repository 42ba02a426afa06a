# SPDX-License-Identifier: Apache-2.0
"""Logins that `docker login` keeps: Docker's `config.json`, and the helpers that it names."""

import asyncio
import base64
import binascii
import json
import os
import re
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.errors import CredentialsUnreadable

MAX_BYTES = 1024 * 1024
HELPER_SECONDS = 30.0
HUB_KEY = "https://index.docker.io/v1/"
TOKEN_USER = "<token>"  # noqa: S105 - what helpers call a refresh token's user
NOT_FOUND = "credentials not found"

_HELPER = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_HUBS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})

RunHelper = Callable[[str, str], Awaitable[tuple[int, str]]]
"""Asks a helper, by its name, for the login of a registry; returns its status and what it prints."""


async def run_helper(name: str, address: str) -> tuple[int, str]:
    """Run `docker-credential-<name> get`. Raises `CredentialsUnreadable`."""
    program = f"docker-credential-{name}"
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "get",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(HELPER_SECONDS):
            told, _ = await process.communicate(address.encode())
    except (OSError, TimeoutError) as error:
        raise CredentialsUnreadable(f"{program} does not answer", hint="Install it, or log in again.") from error
    return process.returncode or 0, told[:MAX_BYTES].decode(errors="replace")


class DockerConfig:
    """The logins in a file of Docker's. Without the file there are none."""

    def __init__(self, path: Path | None, run: RunHelper = run_helper) -> None:
        self._path = path
        self._run = run

    async def login_for(self, host: str) -> Login | None:
        """See `Logins`."""
        document = await asyncio.to_thread(self._read)
        for key in _keys(host):
            helper = _member(document, "credHelpers").get(key) or document.get("credsStore")
            if isinstance(helper, str) and helper:
                found = await self._asked(helper, key)
                if found is not None:
                    return found
        for key, entry in _member(document, "auths").items():
            if _host_of(key) in {_host_of(each) for each in _keys(host)} and isinstance(entry, dict):
                login = _login(entry)
                if login is not None:
                    return login
        return None

    def _read(self) -> Mapping[str, Any]:
        if self._path is None:
            return {}
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise CredentialsUnreadable(f"{self._path} is too large")
            document = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise CredentialsUnreadable(f"{self._path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise CredentialsUnreadable(f"{self._path} is not what docker writes") from error
        return document if isinstance(document, dict) else {}

    async def _asked(self, helper: str, key: str) -> Login | None:
        if not _HELPER.fullmatch(helper):
            raise CredentialsUnreadable(f"{self._path} names a helper that cannot be one")
        status, told = await self._run(helper, key)
        if status != 0:
            if NOT_FOUND in told:
                return None
            raise CredentialsUnreadable(f"docker-credential-{helper} has no login for {key}: {_shown(told)}")
        try:
            found = json.loads(told)
            name, secret = str(found["Username"]), str(found["Secret"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CredentialsUnreadable(f"docker-credential-{helper} answers something else than a login") from error
        return Login("", secret, is_refresh=True) if name == TOKEN_USER else Login(name, secret)


def docker_config_of_user(environment: Mapping[str, str] | None = None) -> DockerConfig:
    """Return the logins of whoever runs the command: in `DOCKER_CONFIG`, else in `~/.docker`."""
    folder = (os.environ if environment is None else environment).get("DOCKER_CONFIG", "")
    try:
        return DockerConfig((Path(folder) if folder else Path.home() / ".docker") / "config.json")
    except RuntimeError:
        return DockerConfig(None)


def _keys(host: str) -> tuple[str, ...]:
    return (HUB_KEY, "docker.io") if host in _HUBS else (host,)


def _host_of(key: str) -> str:
    return key.partition("://")[2].partition("/")[0] if "://" in key else key.partition("/")[0]


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _login(entry: Mapping[str, Any]) -> Login | None:
    refresh = entry.get("identitytoken")
    if isinstance(refresh, str) and refresh:
        return Login("", refresh, is_refresh=True)
    token = entry.get("registrytoken")
    if isinstance(token, str) and token:
        return Login("", token)
    try:
        name, colon, secret = base64.b64decode(str(entry.get("auth", ""))).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return Login(name, secret.rstrip("\0")) if colon and name else None


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text[:200]).strip()
