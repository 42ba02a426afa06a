# SPDX-License-Identifier: Apache-2.0
"""The `entrepot` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from entrepot import __version__
from entrepot.entry import serve as serving
from entrepot.entry.database_commands import database_commands
from entrepot.entry.verify_command import verify
from entrepot.kernel.errors import AppError

application = typer.Typer(
    name="entrepot",
    help="A container registry: stores, distributes and governs OCI artifacts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
application.add_typer(database_commands, name="db")


@application.command()
def serve(
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; default: entrepot.toml, if there is one.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default 5000.", min=1, max=65_535)] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for everything that is kept; default ./data.")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes; default 1.", min=1, max=256)] = None,
) -> None:
    """Serve the registry until interrupted."""
    serving.serve(serving.Flags(config, host, port, data, workers))


@application.command()
def version() -> None:
    """Print the version."""
    Console(highlight=False).print(f"entrepot {__version__}")


application.command()(verify)


def main() -> None:
    """Run the command line: exit status 0 when done, 1 when refused or failed, 2 for wrong usage."""
    try:
        application()
    except AppError as error:
        console = Console(stderr=True, highlight=False)
        console.print(f"entrepot: {error.message}", style="red", markup=False)
        if error.hint:
            console.print(error.hint, markup=False)
        sys.exit(1)
