# SPDX-License-Identifier: Apache-2.0
"""Logins that `entrepot login` keeps, before those of docker."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.credentials import Logins
from entrepot.infra.http.outbound.url import parse_url
from entrepot.infra.remote.address import authority_of
from entrepot.infra.remote.address import server_url
from entrepot.infra.remote.logins import CA_FILE_VARIABLE
from entrepot.infra.remote.logins import INSECURE_VARIABLE
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from entrepot.infra.remote.logins import URL_VARIABLE
from entrepot.infra.remote.logins import Logins as SavedServers


class LoginsOfUser:
    """The logins of whoever runs the command, and what they say of servers: address, authority, plain HTTP."""

    def __init__(self, docker: Logins, environment: Mapping[str, str] | None = None) -> None:
        self._docker = docker
        self._environment = os.environ if environment is None else environment
        self._saved = SavedServers(self._environment)

    async def login_for(self, host: str) -> Login | None:
        """See `Logins`."""
        own = await asyncio.to_thread(self._own, host)
        return own if own is not None else await self._docker.login_for(host)

    def address_of(self, host: str) -> str:
        """Return the address of a registry: as it was logged in to; else https, and http on this machine.

        Without a host, that of the server logged in to last. Raises `NotLoggedIn` and `InvalidAddress`.
        """
        if not host:
            return self._saved.target().url
        for url in self._addresses():
            if authority_of(url) == host:
                return url
        return server_url("https://registry-1.docker.io" if host == "docker.io" else host)

    def ca_files(self) -> Mapping[str, Path]:
        """Return the authorities that were given with logins, by the origin of the server."""
        files = {url: login.ca_file for url, login in self._saved.read().servers.items() if login.ca_file}
        given, file = self._environment.get(URL_VARIABLE, ""), self._environment.get(CA_FILE_VARIABLE, "")
        if given and file:
            files[server_url(given)] = file
        return {parse_url(url).origin: Path(each) for url, each in files.items()}

    def plain(self) -> frozenset[str]:
        """Return the hosts for which plain HTTP was asked for with the login."""
        hosts = {authority_of(url) for url, login in self._saved.read().servers.items() if login.insecure_http}
        given = self._environment.get(URL_VARIABLE, "")
        if given and self._environment.get(INSECURE_VARIABLE, "").lower() in ("1", "true", "yes", "on"):
            hosts.add(authority_of(server_url(given)))
        return frozenset(hosts)

    def _addresses(self) -> list[str]:
        given = self._environment.get(URL_VARIABLE, "")
        return [*([server_url(given)] if given else []), *self._saved.read().servers]

    def _own(self, host: str) -> Login | None:
        given, token = self._environment.get(URL_VARIABLE, ""), self._environment.get(TOKEN_VARIABLE, "").strip()
        if given and token and authority_of(server_url(given)) == host:
            return Login("", token)
        for url, login in self._saved.read().servers.items():
            if authority_of(url) == host:
                return Login(login.name, login.token)
        return None
