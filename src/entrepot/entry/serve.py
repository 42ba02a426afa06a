# SPDX-License-Identifier: Apache-2.0
"""`entrepot serve`: prepare the data folder, say what to do next, and run the server processes."""

import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from rich.console import Console

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import open_database
from entrepot.entry.opening import open_storage
from entrepot.entry.opening import require_keys
from entrepot.entry.opening import store_urls
from entrepot.entry.tls import Tls
from entrepot.entry.tls import open_tls
from entrepot.features.identity import FirstAdministrator
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity import bootstrap
from entrepot.infra.database import schema
from entrepot.infra.events.renumbering import renumber_restored
from entrepot.infra.http.forwarded import is_within
from entrepot.infra.http.serving.listeners import Address
from entrepot.infra.http.serving.listeners import addresses
from entrepot.infra.http.serving.listeners import listen
from entrepot.infra.http.serving.server import Serving
from entrepot.infra.http.serving.server import serve_sockets
from entrepot.infra.http.serving.server import serving_beside
from entrepot.infra.http.serving.workers import Workers
from entrepot.infra.http.tls.live import kept_fresh
from entrepot.infra.http.tls.settings import TlsMode
from entrepot.infra.telemetry.logs import configure_logs
from entrepot.infra.telemetry.sharing import SharedMeasurements
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.registry.store import repositories

Listening = list[list[socket.socket]]
"""The sockets of each server process."""


class PlainHttpRefused(AppError):
    """Passwords and tokens would cross the network in the clear."""

    code = "plain_http_refused"
    default_hint = (
        "Take --tls-cert and --tls-key, --tls auto or --tls acme, or listen on loopback behind a proxy with TLS; "
        "--insecure-http says that you know what you are doing."
    )


class CannotServe(AppError):
    """The server could not start; the lines above say why."""

    code = "cannot_serve"


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line overrides; None where it says nothing."""

    config: Path | None
    host: str | None
    port: int | None
    data: Path | None
    workers: int | None
    insecure_http: bool | None
    tls: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None


def serve(flags: Flags) -> None:
    """Serve until interrupted. Raises `AppError` when something is not in order."""
    override(
        config=flags.config,
        server__host=flags.host,
        server__port=flags.port,
        data_dir=flags.data,
        server__workers=flags.workers,
        server__insecure_http=flags.insecure_http,
        server__tls__mode=flags.tls,
        server__tls__cert=flags.tls_cert,
        server__tls__key=flags.tls_key,
    )
    settings = load()
    configure_logs(settings.logs)
    wanted = addresses(settings.server.host)
    for_metrics = addresses(settings.metrics.host) if settings.metrics.port else ()
    _require_encryption(settings, (*wanted, *for_metrics))
    with ExitStack() as opened:
        listening, count = _listen(settings, wanted, for_metrics, opened)
        _serve_on(listening, count, wanted, settings)


def _listen(
    settings: Settings, wanted: Sequence[Address], for_metrics: Sequence[Address], opened: ExitStack
) -> tuple[Listening, int]:
    """Return the sockets of each process, and how many the application serves; those after them are for ACME."""
    workers = settings.server.workers
    listening = _kept(listen(wanted, settings.server.port, workers), opened)
    if settings.metrics.port:
        free = f"Free it, or choose another one with metrics.port ({settings.metrics.port} now)."
        listening = _beside(listening, _kept(_listen_too(for_metrics, settings.metrics.port, workers, free), opened))
    count = len(listening[0])
    tls = settings.server.tls
    if tls.effective_mode is TlsMode.ACME:
        free = (
            "The authority's challenges come to this port: free it, or have port 80 lead to another one with "
            "server.tls.acme.http_port."
        )
        listening = _beside(listening, _kept(_listen_too(wanted, tls.acme.http_port, workers, free), opened))
    return listening, count


def _listen_too(wanted: Sequence[Address], port: int, workers: int, hint: str) -> Listening:
    try:
        return listen(wanted, port, workers)
    except AppError as error:
        raise CannotServe(error.message, hint=hint) from error


def _kept(listening: Listening, opened: ExitStack) -> Listening:
    for own in chain.from_iterable(listening):
        opened.enter_context(own)
    return listening


def _beside(listening: Listening, others: Listening) -> Listening:
    return [[*own, *more] for own, more in zip(listening, others, strict=True)]


def _serve_on(listening: Listening, count: int, wanted: Sequence[Address], settings: Settings) -> None:
    port = listening[0][0].getsockname()[1]
    override(server__port=port)
    administrator = prepare(settings)
    tls = open_tls(settings, wanted, port)
    _greet(settings, f"{wanted[0].local_host}:{port}", administrator, tls.notes if tls else ())
    work = partial(_work, _serving(settings, tls), tls, count)
    if not (work(listening[0]) if len(listening) == 1 else Workers(work, listening).run()):
        raise CannotServe


def _require_encryption(settings: Settings, wanted: Sequence[Address]) -> None:
    if settings.server.tls.is_on or settings.server.insecure_http:
        return
    for address in wanted:
        if not address.is_loopback:
            raise PlainHttpRefused(f"{address.host} can be reached from other machines, and TLS is not configured")


def _serving(settings: Settings, tls: Tls | None) -> Serving:
    from entrepot.entry.server import create_application  # noqa: PLC0415 - heavy, and only a server needs it

    create = partial(create_application, tls.live if tls else None)
    return Serving(
        create,
        settings.limits,
        settings.server.stop_seconds,
        settings.server.drain_seconds,
        tls.live.context if tls else None,
        is_proxy=partial(is_within, networks=settings.server.trusted_proxies),
    )


def _work(serving: Serving, tls: Tls | None, count: int, sockets: Sequence[socket.socket]) -> bool:
    """Serve in this process, on the first `count` sockets, and beside that what goes with TLS."""
    with ExitStack() as beside:
        if tls is not None:
            if tls.plain is not None:
                beside.enter_context(serving_beside(tls.plain, sockets[count:]))
            beside.enter_context(kept_fresh(tls.live, tls.renew))
        return serve_sockets(serving, sockets[:count])


def prepare(settings: Settings) -> FirstAdministrator | None:
    """Make the data folder, the schema, the storage and the first administrator, whatever of it is missing."""
    require_keys(settings, None)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    SharedMeasurements(settings.run_dir).drop()
    database = open_database(settings)
    try:
        require_keys(settings, database)
        schema.upgrade(database)
        database.write_now(renumber_restored)
        open_storage(settings, database)
        database.write_now(repositories.settle_store, store_urls(settings))
        passwords = PasswordChecks(system_clock)
        try:
            chosen = settings.bootstrap_admin_password.get_secret_value()
            return bootstrap(database, passwords.hasher, chosen, settings.data_dir, system_clock)
        finally:
            passwords.close()
    finally:
        database.close()


def _greet(
    settings: Settings, address: str, administrator: FirstAdministrator | None, notes: Sequence[str] = ()
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    url = settings.server.public_url or f"{'https' if settings.server.tls.is_on else 'http'}://{address}"
    registry = url.partition("://")[2]
    console.print(f"Entrepot serves {url}   data in {settings.data_dir}", markup=False)
    if administrator is not None:
        _tell_password(console, administrator)
    for note in notes:
        console.print(note, markup=False)
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
