# SPDX-License-Identifier: Apache-2.0
"""Sockets to listen on: which addresses a host name means, on which families, and who holds a port that is taken."""

import errno
import os
import socket
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from entrepot.kernel.errors import AppError

BACKLOG = 2048
PORT_ATTEMPTS = 10
LOCALHOST = "localhost"
"""The loopback addresses of every family that this machine has."""

_TCP_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"


class AddressTaken(AppError):
    """Something else listens there."""

    code = "address_taken"
    default_hint = "Stop what listens there, or choose another port with --port (make run PORT=5001)."


class AddressUnusable(AppError):
    """This machine cannot listen on that address."""

    code = "address_unusable"
    default_hint = (
        "Name an address of this machine with --host: 127.0.0.1, ::1, 0.0.0.0, or :: for all of both families."
    )


@dataclass(frozen=True, slots=True)
class Address:
    """An address to listen on."""

    family: socket.AddressFamily
    host: str

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach it."""
        return ip_address(self.host).is_loopback

    @property
    def is_wildcard(self) -> bool:
        """Whether it stands for every address of the machine."""
        return ip_address(self.host).is_unspecified

    @property
    def authority_host(self) -> str:
        """The host as a URL names it (RFC 3986 section 3.2.2)."""
        return f"[{self.host}]" if self.family is socket.AF_INET6 else self.host

    @property
    def local_host(self) -> str:
        """The host that a program on this machine can use in a URL."""
        return LOCALHOST if ip_address(self.host).is_unspecified else self.authority_host


def addresses(hosts: str) -> tuple[Address, ...]:
    """Return the addresses that `hosts` names: names and addresses, separated by commas.

    `localhost` is 127.0.0.1, and ::1 where there is IPv6; `::` is every address
    of both families. Raises `AddressUnusable`.
    """
    found: list[Address] = []
    for host in hosts.replace(",", " ").split():
        found += _addresses_of(host.strip("[]"))
    if not found:
        raise AddressUnusable("no address to listen on is given")
    return tuple(dict.fromkeys(found))


def _addresses_of(host: str) -> list[Address]:
    if host == LOCALHOST:
        loopback = [Address(socket.AF_INET, "127.0.0.1"), Address(socket.AF_INET6, "::1")]
        return [address for address in loopback if _is_there(address)]
    if host == "::":
        every = [Address(socket.AF_INET6, "::"), Address(socket.AF_INET, "0.0.0.0")]  # noqa: S104 - asked for
        return [address for address in every if _is_there(address)]
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError as error:
        raise AddressUnusable(f"{host} is not an address or a name") from error
    except OSError as error:
        raise AddressUnusable(f"{host} is not an address or a known name: {error.strerror}") from error
    return [Address(family, str(name[0])) for family, _, _, _, name in answers]


def _is_there(address: Address) -> bool:
    """Tell whether this machine has the address's family and can listen on it."""
    try:
        with socket.socket(address.family, socket.SOCK_STREAM) as probe:
            probe.bind((address.host, 0))
    except OSError:
        return False
    return True


def listen(wanted: Sequence[Address], port: int, copies: int = 1) -> list[list[socket.socket]]:
    """Listen on every address, `copies` times, and return one list of sockets for each copy.

    With more than one, the system spreads connections over the copies, and what
    waits in a copy's queue survives the process that serves it as long as the
    copy is open somewhere. Port 0 is one free port for all. Raises
    `AddressTaken`, `AddressUnusable`.
    """
    for _ in range(0 if port else PORT_ATTEMPTS):
        with suppress(AddressTaken):  # a port that is free on one address may be taken on another
            return _listen(wanted, 0, copies)
    return _listen(wanted, port, copies)


def _listen(wanted: Sequence[Address], port: int, copies: int) -> list[list[socket.socket]]:
    with ExitStack() as opened:
        listening: list[list[socket.socket]] = [[] for _ in range(copies)]
        for address in wanted:
            if port:
                # Two servers that both share a port would split its connections in silence.
                _bind(address, port, is_shared=False).close()
            for sockets in listening:
                bound = opened.enter_context(_bind(address, port, is_shared=copies > 1))
                bound.listen(BACKLOG)
                bound.setblocking(False)
                port = bound.getsockname()[1]
                sockets.append(bound)
        opened.pop_all()
    return listening


def _bind(address: Address, port: int, *, is_shared: bool) -> socket.socket:
    bound = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if address.family is socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address.host, port))
    except OSError as error:
        bound.close()
        where = f"{address.authority_host}:{port}"
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(f"cannot listen on {where}: {_holder(port)} listens there already") from error
        if error.errno == errno.EACCES:
            hint = "Ports below 1024 take the capability CAP_NET_BIND_SERVICE: choose another with --port."
            raise AddressUnusable(f"cannot listen on {where}: this user may not", hint=hint) from error
        raise AddressUnusable(f"cannot listen on {where}: {error.strerror}") from error
    return bound


def _holder(port: int) -> str:
    """Name the program that listens on a port, as well as this user can see it."""
    if os.uname().sysname == "Darwin" and port == 5000:
        return "another program (on macOS often AirPlay Receiver: System Settings, General, AirDrop & Handoff)"
    inodes = _listening_inodes(port)
    for process in sorted(Path("/proc").glob("[0-9]*")):
        if _holds(process, inodes):
            with suppress(OSError):  # it may end at any time
                return f"the program {(process / 'comm').read_text(errors='replace').strip()} (process {process.name})"
    return "another program (of another user, so it cannot be named)"


def _listening_inodes(port: int) -> frozenset[str]:
    """Return the sockets that listen on a port, as `/proc/PID/fd` names them (proc(5), /proc/net/tcp)."""
    rows = [row.split() for table in _TCP_TABLES if table.exists() for row in table.read_text().splitlines()[1:]]
    at_port = [row for row in rows if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port]
    return frozenset(f"socket:[{row[9]}]" for row in at_port)


def _holds(process: Path, inodes: Iterable[str]) -> bool:
    try:
        return any(str(link.readlink()) in inodes for link in (process / "fd").iterdir())
    except OSError:
        return False
