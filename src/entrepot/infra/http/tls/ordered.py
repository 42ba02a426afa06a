# SPDX-License-Identifier: Apache-2.0
"""A certificate ordered from an ACME authority and renewed, in the data folder (`--tls acme`)."""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from entrepot.infra.http.tls.authority import first_certificate
from entrepot.infra.http.tls.authority import renewal_time
from entrepot.infra.http.tls.challenges import Challenges
from entrepot.infra.http.tls.folder import make_folder
from entrepot.infra.http.tls.folder import only_one
from entrepot.infra.http.tls.folder import write_whole
from entrepot.infra.http.tls.pair import CertificateUnusable
from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.pair import milliseconds
from entrepot.infra.http.tls.pair import names_of
from entrepot.infra.http.tls.pair import read_certificate
from entrepot.infra.http.tls.settings import AcmeSettings
from entrepot.infra.http.tls.signing import Life
from entrepot.infra.http.tls.signing import key_pem
from entrepot.infra.http.tls.signing import make_leaf
from entrepot.infra.http.tls.signing import new_key
from entrepot.infra.http.tls.signing import request_for
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError

PAUSES_MS = (MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS)
"""How long to wait after the first failure, the second, and so on: authorities count failures by the hour."""

Order = Callable[[AcmeSettings, bytes, bytes, Callable[[str, str], None]], bytes]
"""Orders a certificate: settings, account key, request, and where answers to challenges go. Raises `AppError`."""

log = structlog.get_logger(__name__)


class _Failures(msgspec.Struct, frozen=True):
    """How often the last order failed in a row, and when the next may be made."""

    count: int
    next_at: Milliseconds


class OrderedCertificate:
    """Keeps `account.key` and `server.pem` for one authority in a folder of its own; renews at two thirds of a life.

    Several processes may work on one folder: one of them orders what is due.
    Until the first order succeeds, the server shows a certificate of its own that
    clients refuse.
    """

    def __init__(self, folder: Path, settings: AcmeSettings, order: Order, clock: Clock) -> None:
        self._settings = settings
        self._hosts = frozenset(host.lower() for host in settings.hosts)
        self._folder = folder / _folder_name(settings.directory)
        self._order = order
        self._clock = clock
        self._patience = random.uniform(0.0, 0.05)  # noqa: S311 - spreads the load of many servers
        self.pair = Pair(self._folder / "server.pem", self._folder / "server.pem")
        self.challenges = Challenges(self._folder / "challenges")

    @property
    def hosts(self) -> frozenset[str]:
        """The names that the certificate is for."""
        return self._hosts

    @property
    def is_awaited(self) -> bool:
        """Whether there is no certificate yet that clients accept."""
        leaf = first_certificate(self.pair.cert)
        return leaf is None or leaf.issuer == leaf.subject

    def prepare(self) -> None:
        """Make what the server can start with. Blocks while another process does so. Raises `CertificateUnusable`."""
        make_folder(self._folder)
        with only_one(self._folder, waits=True):
            try:
                read_certificate(self.pair, self._clock())
            except CertificateUnusable:
                leaf = make_leaf(self._hosts, Life.of(self._clock(), DAY_MS), authority=None)
                write_whole(self.pair.cert, leaf.certificate.public_bytes(Encoding.PEM) + key_pem(leaf.key))

    def renew_if_due(self) -> None:
        """Order a certificate if one is due and no other process does it; log how that went. Blocks for minutes."""
        if not self._is_due():
            return
        with only_one(self._folder, waits=False) as is_mine:
            if is_mine and self._is_due():
                self._renew()

    def _is_due(self) -> bool:
        leaf, now = first_certificate(self.pair.cert), self._clock()
        failures = self._failures()
        if failures is not None and now < failures.next_at <= now + 2 * PAUSES_MS[-1]:
            return False
        if leaf is None or self.is_awaited or names_of(leaf) != self._hosts:
            return True
        life = milliseconds(leaf.not_valid_after_utc) - milliseconds(leaf.not_valid_before_utc)
        return now >= renewal_time(leaf) + int(life * self._patience)

    def _renew(self) -> None:
        hosts = sorted(self._hosts)
        log.info("tls.ordering", authority=self._settings.directory, hosts=hosts)
        key = new_key()
        try:
            chain = self._order(self._settings, self._account_key(), request_for(hosts, key), self.challenges.publish)
        except AppError as error:
            self._failed(error)
        else:
            write_whole(self.pair.cert, chain.rstrip() + b"\n" + key_pem(key))
            self._failure_file.unlink(missing_ok=True)
            log.info("tls.ordered", hosts=hosts)
        finally:
            self.challenges.clear()

    def _failed(self, error: AppError) -> None:
        failures = self._failures()
        count = failures.count + 1 if failures else 1
        pause = PAUSES_MS[min(count, len(PAUSES_MS)) - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - the same
        next_at = Milliseconds(self._clock() + int(pause))
        write_whole(self._failure_file, msgspec.json.encode(_Failures(count, next_at)))
        log.error("tls.order_failed", reason=error.message, next_step=error.hint, next_try_at=rfc3339(next_at))

    @property
    def _failure_file(self) -> Path:
        return self._folder / "failures.json"

    def _failures(self) -> _Failures | None:
        try:
            return msgspec.json.decode(self._failure_file.read_bytes(), type=_Failures)
        except (OSError, msgspec.MsgspecError):
            return None

    def _account_key(self) -> bytes:
        path = self._folder / "account.key"
        if not path.exists():
            write_whole(path, key_pem(new_key()))
        return path.read_bytes()


def _folder_name(directory: str) -> str:
    """Return a folder for each authority: accounts and certificates of one are nothing to another."""
    host = urlsplit(directory).hostname or "authority"
    return f"{host}-{hashlib.sha256(directory.encode()).hexdigest()[:8]}"
