# SPDX-License-Identifier: Apache-2.0
"""Having the clients of a machine trust a registry's local authority: asked for, verified, and put where each looks."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from http.client import HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from cryptography import x509

from entrepot.infra.http.tls.authority import fingerprint
from entrepot.kernel.errors import AppError

AUTHORITY_PATH = "/tls/ca.crt"
MAX_AUTHORITY_BYTES = 64 * 1024
SECONDS = 20

PROGRAMS = {
    "docker": ("docker", "dockerd"),
    "podman": ("podman", "skopeo", "buildah"),
    "containerd": ("containerd", "nerdctl"),
    "kind": ("kind",),
    "helm": ("helm",),
}
"""The clients, and the programs of which one says that a client is used here."""

_STORES = (
    ("usr/local/share/ca-certificates", "update-ca-certificates"),
    ("etc/pki/ca-trust/source/anchors", "update-ca-trust"),
    ("usr/share/pki/trust/anchors", "update-ca-certificates"),
)
"""Where systems keep authorities that an administrator added, and the program that takes them from there."""

_CONTAINERD = "etc/containerd/certs.d"


class NotTrusted(AppError):
    """The authority is not trusted now."""

    code = "not_trusted"


@dataclass(frozen=True, slots=True)
class Authority:
    """A registry's authority: its certificate in PEM, and the registry's addresses as image names begin with them."""

    pem: bytes
    registries: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Tells it from others."""
        return fingerprint(x509.load_pem_x509_certificate(self.pem))


@dataclass(frozen=True, slots=True)
class Write:
    """A file to write. One that is there already, and differs, is left alone when `is_shared` is set."""

    path: Path
    content: bytes
    is_shared: bool = False

    def __str__(self) -> str:
        return f"write {self.path}"

    def carry_out(self) -> None:
        """Write it. Raises `NotTrusted`."""
        try:
            if self.is_shared and self.path.exists() and self.path.read_bytes() != self.content:
                hint = f"Put this into it, as far as it is missing:\n{self.content.decode()}"
                raise NotTrusted(f"{self.path} is there already, and is not replaced", hint=hint)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(self.content)
        except OSError as error:
            hint = "Run the command with sudo, or choose other clients with --for."
            raise NotTrusted(f"{self.path} cannot be written: {error.strerror}", hint=hint) from error


@dataclass(frozen=True, slots=True)
class Run:
    """A program to run, and what it reads."""

    command: tuple[str, ...]
    stdin: bytes = b""

    def __str__(self) -> str:
        return f"run {' '.join(self.command)}"

    def carry_out(self) -> None:
        """Run it. Raises `NotTrusted`."""
        _run(self.command, self.stdin)


def fetch_authority(url: str, expected: str) -> Authority:
    """Ask the registry at `url` for its authority, and see that it is the expected one and that its server is its own.

    Nothing that it says is believed before its fingerprint is `expected`
    (`sha256:` and hex). Raises `NotTrusted`.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https" or not host:
        raise NotTrusted(f"{url} is not an address of https", hint="Write it as the server prints it when it starts.")
    authority = Authority(_ask(host, port), ())
    try:
        actual = authority.fingerprint
    except ValueError as error:
        raise NotTrusted(f"what {url}{AUTHORITY_PATH} gives is not a certificate") from error
    if actual != expected.strip().lower():
        hint = "Compare it with the line that the server prints when it starts. If it differs, somebody may be between."
        raise NotTrusted(f"the authority of {url} has another fingerprint, {actual}", hint=hint)
    names = _names_shown(host, port, authority.pem)
    return Authority(authority.pem, tuple(_registries(host, port, names)))


def clients_here() -> tuple[str, ...]:
    """Return the clients that are installed on this machine."""
    return tuple(client for client, programs in PROGRAMS.items() if any(map(shutil.which, programs)))


def steps_for(authority: Authority, clients: Iterable[str], root: Path) -> list[Write | Run]:
    """Return what has to be done for these clients, with files below `root`; elsewhere than in `/` nothing is run.

    Raises `NotTrusted` for a client that cannot be had to trust here.
    """
    steps: list[Write | Run] = []
    for client in dict.fromkeys(clients):
        for registry in authority.registries:
            if client in ("docker", "podman"):
                folder = "docker" if client == "docker" else "containers"
                steps.append(Write(root / "etc" / folder / "certs.d" / registry / "ca.crt", authority.pem))
            if client == "containerd":
                steps += _containerd(root / _CONTAINERD / registry, registry, authority.pem)
        if client == "kind":
            steps += _kind(authority)
        if client == "helm":
            steps += _system_store(authority, root)
    return steps


def notes_for(clients: Iterable[str], root: Path) -> Iterator[str]:
    """Yield what is left to the person."""
    configuration = root / "etc/containerd/config.toml"
    if "containerd" in clients and not (configuration.exists() and "certs.d" in configuration.read_text("utf-8")):
        yield (
            'containerd 1 looks there once /etc/containerd/config.toml says config_path = "/etc/containerd/certs.d" '
            'under [plugins."io.containerd.grpc.v1.cri".registry], and it was started again; containerd 2 always does.'
        )


def _ask(host: str, port: int) -> bytes:
    """Return what a server gives as its authority; who answers is not verified yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = HTTPSConnection(host, port, timeout=SECONDS, context=context)
    try:
        connection.request("GET", AUTHORITY_PATH)
        answer = connection.getresponse()
        content = answer.read(MAX_AUTHORITY_BYTES)
    except (OSError, HTTPException) as error:
        raise NotTrusted(f"{host} does not answer on port {port}: {error}", hint="Is the server running?") from error
    finally:
        connection.close()
    if answer.status != 200:
        hint = "Only a server with --tls auto has one. Of another authority, your administrator gives you the file."
        raise NotTrusted(f"the server on {host}:{port} has no local authority", hint=hint)
    return content


def _names_shown(host: str, port: int, pem: bytes) -> list[str]:
    """Return what the server's certificate is for, once the authority has proved to have signed it for `host`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem.decode("ascii"))
    try:
        with (
            socket.create_connection((host, port), timeout=SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        hint = f"If that is a name of the server, add {host} to server.allowed_hosts there, and start it again."
        raise NotTrusted(f"the certificate of {host} does not verify: {error.verify_message}", hint=hint) from error
    except OSError as error:
        raise NotTrusted(f"{host} does not answer on port {port}: {error}") from error
    names = cast("Sequence[tuple[str, str]]", shown.get("subjectAltName", ()))
    return [name for _, name in names]


def _registries(host: str, port: int, names: Iterable[str]) -> Iterator[str]:
    """Yield what image names begin with: the host that was asked, and the server's other names.

    Names of this machine are the server's only when it was asked by one of them.
    """
    others = [name for name in map(_canonical, names) if _is_loopback(host) or not _is_loopback(name)]
    for name in dict.fromkeys([_canonical(host), *others]):
        bracketed = f"[{name}]" if ":" in name else name
        yield bracketed if port == 443 else f"{bracketed}:{port}"


def _canonical(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        return name.lower()


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def _hosts_file(registry: str, folder: str) -> bytes:
    address = f"https://{registry}"
    return f'server = "{address}"\n\n[host."{address}"]\n  ca = "{folder}/ca.crt"\n'.encode()


def _containerd(folder: Path, registry: str, pem: bytes) -> Iterator[Write]:
    yield Write(folder / "ca.crt", pem)
    yield Write(folder / "hosts.toml", _hosts_file(registry, f"/{_CONTAINERD}/{registry}"), is_shared=True)


def _kind(authority: Authority) -> Iterator[Run]:
    """Write into the nodes of every kind cluster: containers of docker that run containerd."""
    for node in _run(("kind", "get", "nodes", "--all-clusters"), b"").decode().split():
        for registry in authority.registries:
            folder = f"/{_CONTAINERD}/{registry}"
            for name, content in (("ca.crt", authority.pem), ("hosts.toml", _hosts_file(registry, folder))):
                script = 'mkdir -p "$0" && cat > "$0/$1"'
                yield Run(("docker", "exec", "--interactive", node, "sh", "-c", script, folder, name), content)


def _system_store(authority: Authority, root: Path) -> Sequence[Write | Run]:
    """Add the authority to those that the whole machine trusts, which is where helm and most others look."""
    name = f"entrepot-{authority.fingerprint.partition(':')[2][:16]}.crt"
    for folder, program in _STORES:
        if (root / folder).is_dir() and (root != Path("/") or shutil.which(program)):
            added = Write(root / folder / name, authority.pem)
            return (added, Run((program,))) if root == Path("/") else (added,)
    hint = "Choose other clients with --for, and give helm --ca-file with the file from /tls/ca.crt."
    raise NotTrusted("where this system keeps its authorities is not known", hint=hint)


def _run(command: Sequence[str], stdin: bytes) -> bytes:
    try:
        finished = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotTrusted(f"{command[0]} cannot be run: {error}") from error
    if finished.returncode != 0:
        said = finished.stderr.decode(errors="replace").strip()
        raise NotTrusted(f"{' '.join(command)} failed: {said}", hint="Run the command with sudo.")
    return finished.stdout
