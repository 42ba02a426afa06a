# SPDX-License-Identifier: Apache-2.0
"""The `entrepot` command."""

import sys
from pathlib import Path
from typing import Annotated
from typing import cast

import typer
from rich.console import Console

from entrepot import __version__
from entrepot.entry import serve as serving
from entrepot.entry.config_commands import config_commands
from entrepot.entry.data_folder import open_data_folder
from entrepot.entry.database_commands import database_commands
from entrepot.entry.trust_command import trust
from entrepot.entry.verify_command import verify
from entrepot.features.tokens.feature import feature as tokens
from entrepot.features.users.feature import feature as users
from entrepot.infra.http.tls.settings import TlsMode
from entrepot.kernel.errors import AppError

application = typer.Typer(
    name="entrepot",
    help="A container registry: stores, distributes and governs OCI artifacts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"obj": open_data_folder},
)
application.add_typer(config_commands, name="config")
application.add_typer(database_commands, name="db")
for feature in (tokens, users):
    application.add_typer(cast("typer.Typer", feature.commands))


@application.command()
def serve(  # noqa: PLR0913 - one for each flag
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; default: entrepot.toml, if there is one.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Addresses to listen on, separated by commas; default localhost.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; default 5000, 0 takes a free one.", min=0, max=65_535)
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for everything that is kept; default ./data.")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes; default 1.", min=1, max=256)] = None,
    tls: Annotated[
        TlsMode | None,
        typer.Option(help="Where the certificate for HTTPS comes from: files of yours, a local or an ACME authority."),
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM file with the certificate and its chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file with its private key.")] = None,
    *,
    insecure_http: Annotated[
        bool | None, typer.Option("--insecure-http", help="Listen beyond loopback without TLS.")
    ] = None,
) -> None:
    """Serve the registry until interrupted."""
    serving.serve(serving.Flags(config, host, port, data, workers, insecure_http, tls, tls_cert, tls_key))


@application.command()
def version() -> None:
    """Print the version."""
    Console(highlight=False).print(f"entrepot {__version__}")


application.command()(verify)
application.command()(trust)


def main() -> None:
    """Run the command line: exit status 0 when done, 1 when refused or failed, 2 for wrong usage."""
    try:
        application()
    except AppError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"entrepot: {error.message}", style="red", markup=False)
        if error.hint:
            console.print(error.hint, markup=False)
        sys.exit(1)
