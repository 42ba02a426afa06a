# SPDX-License-Identifier: Apache-2.0
"""TLS as the configuration asks for it: the certificate, what renews it, and what a person has to know of it."""

import os
import shlex
import socket
import sys
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from entrepot.entry.configuration import Settings
from entrepot.infra.http.authority import host_name
from entrepot.infra.http.serving.listeners import Address
from entrepot.infra.http.serving.server import Serving
from entrepot.infra.http.tls.authority import LocalAuthority
from entrepot.infra.http.tls.authority import fingerprint
from entrepot.infra.http.tls.authority import first_certificate
from entrepot.infra.http.tls.challenges import ChallengeApplication
from entrepot.infra.http.tls.live import LiveCertificate
from entrepot.infra.http.tls.ordered import OrderedCertificate
from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.settings import TlsMode
from entrepot.kernel.clock import system_clock

PLAIN_STOP_SECONDS = 1
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - names that a certificate is not for


@dataclass(frozen=True, slots=True)
class Tls:
    """How a server speaks TLS."""

    live: LiveCertificate
    renew: Callable[[], None]
    """Renews what is due; called every few seconds, in a thread."""
    notes: tuple[str, ...]
    """Lines for the person who starts the server; what is to be copied is indented."""
    plain: Serving | None = None
    """What to serve on the plain port, if there is one."""


def open_tls(settings: Settings, listening: Iterable[Address], port: int) -> Tls | None:
    """Make or read the certificate; None when TLS is off. Blocks; raises `CertificateUnusable`."""
    tls = settings.server.tls
    match tls.effective_mode:
        case TlsMode.OFF:
            return None
        case TlsMode.FILES:
            live = LiveCertificate(Pair(cast("Path", tls.cert), cast("Path", tls.key)), system_clock)
            return Tls(live, _nothing, _doubts(live))
        case TlsMode.AUTO:
            return _local(settings, listening, port)
        case TlsMode.ACME:
            return _ordered(settings, port)


def tls_folder(settings: Settings) -> Path:
    """Return where certificates that the server makes or orders are kept."""
    return settings.data_dir / "tls"


def local_authority(settings: Settings) -> bytes | None:
    """Return the certificate of the local authority, in PEM; None when there is none in use."""
    if settings.server.tls.effective_mode is not TlsMode.AUTO:
        return None
    return (tls_folder(settings) / "ca.crt").read_bytes()


def authority_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the local authority; empty when there is none in use."""
    if settings.server.tls.effective_mode is not TlsMode.AUTO:
        return ""
    known = first_certificate(tls_folder(settings) / "ca.crt")
    return "" if known is None else fingerprint(known)


def certificate_names(settings: Settings, listening: Iterable[Address], machine: str) -> frozenset[str]:
    """Return what a certificate of ours is for: this machine, what it listens on, and what clients may call it."""
    found = {"localhost", "127.0.0.1", "::1", host_name(machine)}
    found |= {address.host for address in listening}
    found |= {host_name(host) for host in settings.server.known_hosts}
    found.add(urlsplit(settings.server.public_url).hostname or "")
    return frozenset(found - {"", *WILDCARDS})


def _local(settings: Settings, listening: Iterable[Address], port: int) -> Tls:
    addresses = tuple(listening)
    machine = socket.gethostname()
    authority = LocalAuthority(tls_folder(settings), certificate_names(settings, addresses, machine), system_clock)
    left_out = authority.prepare()
    live = LiveCertificate(authority.pair, system_clock)
    notes = [
        *_doubts(live),
        f"Its certificate is for {', '.join(sorted(live.names))}; server.allowed_hosts adds names.",
    ]
    if left_out:
        notes.append(
            f"It is not for {', '.join(left_out)}: the local authority was made without. If clients use that, remove "
            f"{authority.path}, start again, and have clients trust the new authority."
        )
    known = first_certificate(authority.path)
    if known is not None:
        host = machine if addresses[0].is_wildcard else addresses[0].authority_host
        url = settings.server.public_url or f"https://{host}:{port}"
        sudo = "sudo " if os.geteuid() else ""
        program = shlex.quote(str(Path(sys.argv[0]).resolve()))
        notes += [
            "Have docker, podman, containerd, kind and helm on this machine trust it:",
            f"  {sudo}{program} trust {url} --fingerprint {fingerprint(known)}",
        ]
    return Tls(live, authority.renew_if_due, tuple(notes))


def _ordered(settings: Settings, port: int) -> Tls:
    from entrepot.infra.http.tls.acme_client import order_certificate  # noqa: PLC0415 - heavy, and seldom needed

    acme = settings.server.tls.acme
    ordered = OrderedCertificate(tls_folder(settings) / "acme", acme, order_certificate, system_clock)
    ordered.prepare()
    live = LiveCertificate(ordered.pair, system_clock)
    plain = ChallengeApplication(ordered.challenges, ordered.hosts, port)
    note = f"The certificate comes from {acme.directory}; the log says how that goes, and clients refuse until it does."
    return Tls(
        live,
        ordered.renew_if_due,
        (*_doubts(live), *([note] if ordered.is_awaited else [])),
        Serving(lambda: plain, settings.limits, PLAIN_STOP_SECONDS, has_lifespan=False),
    )


def _doubts(live: LiveCertificate) -> tuple[str, ...]:
    return tuple(f"Attention: {warning}." for warning in live.warnings)


def _nothing() -> None:
    """The files are somebody else's to renew."""
