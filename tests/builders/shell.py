# SPDX-License-Identifier: Apache-2.0
"""A shell in which the client commands ask an application, which is served on a socket by this process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import typer
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.serving.listeners import addresses
from entrepot.infra.http.serving.listeners import listen
from entrepot.infra.http.serving.server import Serving
from entrepot.infra.http.serving.server import serving_beside
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from entrepot.infra.remote.logins import URL_VARIABLE
from entrepot.oci.digest import Digest
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.databases import until_final_now
from tests.builders.manifests import BuiltManifest
from tests.server import HOST


class Shell:
    """Runs a group of commands without a terminal, as the administrator `admin`; `outside` is another way in."""

    def __init__(self, application: Application, url: str, folder: Path) -> None:
        self.application = application
        self.url = url
        self.outside = asyncio.run(application.user("admin", is_admin=True))
        self.environment = {"XDG_CONFIG_HOME": str(folder), URL_VARIABLE: url, TOKEN_VARIABLE: self.token(self.outside)}

    def token(self, client: Client) -> str:
        """Make a token for somebody."""
        made = asyncio.run(client.post("/api/v1/tokens", {"name": "shell"}))
        return str(made.json["secret"])

    def push(self, repository: str, built: BuiltManifest, *tags: str) -> Digest:
        """Push an image of `A_CONFIG` and `A_LAYER`, as docker would; the events of that are there for all to read."""
        digest = asyncio.run(self.outside.push_image(repository, built, *tags))
        until_final_now(self.application.database)
        return digest

    def __call__(self, group: typer.Typer, *arguments: str, typed: str = "") -> Result:
        """Run a command to its end."""
        return CliRunner().invoke(group, arguments, input=typed, env=self.environment)

    def done(self, group: typer.Typer, *arguments: str, typed: str = "") -> str:
        """Run a command that succeeds, and return what it prints."""
        result = self(group, *arguments, typed=typed)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout


@contextmanager
def served(application: AsgiApplication) -> Iterator[str]:
    """Serve an application in a thread of this process, and yield its address."""
    [sockets] = listen(addresses(HOST), 0)
    serving = Serving(lambda: application, ConnectionLimits(), stop_seconds=1, has_lifespan=False)
    with serving_beside(serving, sockets):
        yield f"http://{HOST}:{sockets[0].getsockname()[1]}"


@contextmanager
def a_shell(folder: Path) -> Iterator[Shell]:
    """Hold a shell beside an application on an empty database in `folder`, whose logs nobody sees."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with an_application(folder) as application, served(application.server) as url:
        yield Shell(application, url, folder)
