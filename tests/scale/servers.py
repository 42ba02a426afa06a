# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server and a PgBouncer of our own, in a folder that goes away, run by a user who is not root."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.scale.programs import Program
from tests.scale.programs import running
from tests.server import HOST
from tests.server import free_port
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
PGBOUNCER = Path("/usr/sbin/pgbouncer")
REDIS = Path("/usr/bin/redis-server")
NATS = Path("/usr/sbin/nats-server")
PACKAGES = {
    "postgresql-15": PROGRAMS / "postgres",
    "pgbouncer": PGBOUNCER,
    "redis-server": REDIS,
    "nats-server": NATS,
    "openssl": Path("/usr/bin/openssl"),
}

UNPRIVILEGED = "nobody"
USER, PASSWORD = "entrepot", "correct-horse"
POOL = 3
"""Fewer connections than any test has at work, so that each is used by several."""

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": HOST,
    "max_connections": "200",
    "shared_buffers": "128MB",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A server and where its folder is."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The URI of its first database, for somebody who may do everything."""
        return f"postgresql://{USER}:{PASSWORD}@{HOST}:{self.port}/postgres"


@contextmanager
def postgresql() -> Iterator[Place]:
    """Run a server, with TLS, until the block ends; `root.crt` of its folder is who signed its certificate."""
    with _folder("postgresql") as folder:
        place = Place(folder, free_port())
        secret = folder / "password"
        secret.write_text(PASSWORD)
        _certify(folder, "server")
        _give_away(folder)
        initial = ["--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8"]
        run(_as_unprivileged([f"{PROGRAMS}/initdb", "--pgdata", f"{folder}/data", *initial, "--locale", "C.UTF-8"]))
        chosen = {**SETTINGS, "port": str(place.port), "unix_socket_directories": str(folder), "ssl": "on"}
        chosen |= {"ssl_cert_file": f"{folder}/server.crt", "ssl_key_file": f"{folder}/server.key"}
        settings = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
        with _running([f"{PROGRAMS}/postgres", "-D", f"{folder}/data", *settings], place):
            yield place


@contextmanager
def pgbouncer(server: Place) -> Iterator[Place]:
    """Run a pooler in transaction mode, which cleans nothing up between two clients, until the block ends."""
    with _folder("pgbouncer") as folder:
        place = Place(folder, free_port())
        users = folder / "users.txt"
        users.write_text(f'"{USER}" "{PASSWORD}"\n')
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={HOST} port={server.port}\n"
            f"[pgbouncer]\nlisten_addr = {HOST}\nlisten_port = {place.port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {users}\n"
            f"pool_mode = transaction\ndefault_pool_size = {POOL}\nmax_client_conn = 500\n"
            "server_reset_query =\nserver_idle_timeout = 5\nlog_connections = 0\nlog_disconnections = 0\n"
        )
        _give_away(folder)
        with _running([str(PGBOUNCER), str(folder / "pgbouncer.ini")], place):
            yield place


@dataclass(frozen=True, slots=True)
class Redis:
    """A Redis: where it listens, and its program."""

    port: int
    program: Program

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"redis://{HOST}:{self.port}/0"

    def do(self, *words: str) -> None:
        """Have it do something; it need not answer."""
        command = ["redis-cli", "-h", HOST, "-p", str(self.port), *words]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, check=False, timeout=5)


@contextmanager
def redis_server(program: Path = REDIS) -> Iterator[Redis]:
    """Run a Redis that keeps nothing on disk until the block ends."""
    with _folder("redis") as folder:
        port = free_port()
        keeps_nothing = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        _give_away(folder)
        command = _as_unprivileged([str(program), "--bind", HOST, "--port", str(port), *keeps_nothing])
        with running(Program(command, folder / "log", lambda: _listens(port))) as started:
            yield Redis(port, started)


@dataclass(frozen=True, slots=True)
class Nats:
    """A NATS server with JetStream: where it listens, the token it asks for, and its program."""

    port: int
    token_file: Path
    program: Program

    @property
    def url(self) -> str:
        """Its URL."""
        return f"nats://{HOST}:{self.port}"


@contextmanager
def nats_server() -> Iterator[Nats]:
    """Run a NATS server that keeps streams on disk until the block ends."""
    with _folder("nats") as folder:
        port, token = free_port(), secrets.token_urlsafe(16)
        (folder / "token").write_text(token)
        (folder / "data").mkdir()
        (folder / "nats.conf").write_text(
            f'listen: "{HOST}:{port}"\nauthorization {{ token: "{token}" }}\n'
            f'jetstream {{ store_dir: "{folder}/data" }}\n'
        )
        _give_away(folder)
        command = _as_unprivileged([str(NATS), "--config", str(folder / "nats.conf")])
        with running(Program(command, folder / "log", lambda: _listens(port))) as started:
            yield Nats(port, folder / "token", started)


def certify_stranger(folder: Path) -> Path:
    """Make an authority that signed no server's certificate, and return its file."""
    _certify(folder, "stranger")
    return folder / "root.crt"


def _certify(folder: Path, name: str) -> None:
    """Make `root.crt`, an authority, and a certificate of it for the loopback address."""
    root = ["-keyout", f"{folder}/root.key", "-out", f"{folder}/root.crt", "-subj", "/CN=authority of a test"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2"]
    run([*new, *root, "-addext", "keyUsage=critical,keyCertSign"])
    signed = ["-CA", f"{folder}/root.crt", "-CAkey", f"{folder}/root.key"]
    made = ["-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt", "-subj", f"/CN={HOST}"]
    run([*new, *signed, *made, "-addext", f"subjectAltName=IP:{HOST}", "-addext", "basicConstraints=critical,CA:FALSE"])


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"entrepot-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _give_away(folder: Path) -> None:
    """Let the unprivileged user own what is there: neither program runs as root."""
    if os.getuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, UNPRIVILEGED)
            path.chmod(0o700 if path.is_dir() else 0o600)


def _as_unprivileged(command: Sequence[str]) -> list[str]:
    if os.getuid() != 0:
        return list(command)
    group = pwd.getpwnam(UNPRIVILEGED).pw_gid
    return ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={group}", "--clear-groups", *command]


@contextmanager
def _running(command: Sequence[str], place: Place) -> Iterator[None]:
    log = place.folder / "log"
    process = launch(_as_unprivileged(command), log)
    with stopping(process, log):
        wait_until(lambda: _listens(place.port), f"{command[0]} to listen", process, log)
        yield


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False
