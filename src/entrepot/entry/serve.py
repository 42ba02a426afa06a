# SPDX-License-Identifier: Apache-2.0
"""`entrepot serve`: prepare the data folder, say what to do next, and run the server processes."""

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes
from granian.constants import Interfaces
from granian.constants import Loops
from granian.log import LogLevels
from rich.console import Console

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.wiring import open_database
from entrepot.entry.wiring import open_storage
from entrepot.features.identity import FirstAdministrator
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity import bootstrap
from entrepot.infra.database import schema
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError


class AddressTaken(AppError):
    """Something else listens there."""

    code = "address_taken"


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line overrides; None where it says nothing."""

    config: Path | None
    host: str | None
    port: int | None
    data: Path | None
    workers: int | None


def serve(flags: Flags) -> None:
    """Serve until interrupted. Raises `AppError` when something is not in order."""
    override(
        config=flags.config,
        server__host=flags.host,
        server__port=flags.port,
        data_dir=flags.data,
        server__workers=flags.workers,
    )
    settings = load()
    _require_free(settings.server.host, settings.server.port)
    administrator = prepare(settings)
    _greet(settings, administrator)
    Granian(
        "entrepot.entry.server:create_application",
        address=settings.server.host,
        port=settings.server.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.server.workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def prepare(settings: Settings) -> FirstAdministrator | None:
    """Make the data folder, the schema, the storage and the first administrator, whatever of it is missing."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings)
    try:
        schema.upgrade(database)
        open_storage(settings)
        passwords = PasswordChecks(system_clock)
        try:
            chosen = settings.bootstrap_admin_password.get_secret_value()
            return bootstrap(database, passwords.hasher, chosen, settings.data_dir, system_clock)
        finally:
            passwords.close()
    finally:
        database.close()


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"cannot listen on {host}:{port}: {error.strerror}",
                hint="Stop what listens there, or choose another port with --port (make run PORT=5001).",
            ) from error


def _greet(settings: Settings, administrator: FirstAdministrator | None) -> None:
    console = Console(highlight=False, soft_wrap=True)
    address = f"{settings.server.host}:{settings.server.port}"
    url = settings.server.public_url or f"http://{address}"
    registry = url.partition("://")[2]
    console.print(f"Entrepot serves {url}   data in {settings.data_dir}", markup=False)
    if administrator is not None:
        _tell_password(console, administrator)
    console.print(f"  docker login {registry} -u admin", markup=False)
    console.print(f"  docker tag alpine:latest {registry}/demo/alpine:latest", markup=False)
    console.print(f"  docker push {registry}/demo/alpine:latest", markup=False)


def _tell_password(console: Console, administrator: FirstAdministrator) -> None:
    """Show a made-up password on a terminal only, so that it ends up in no log; else say where it is."""
    if administrator.password_file is None:
        return
    if sys.stdout.isatty():
        console.print(f"User {administrator.name}, password {administrator.password}", markup=False)
    console.print(
        f"The password of {administrator.name} is in {administrator.password_file}; keep it safe.", markup=False
    )
