# SPDX-License-Identifier: Apache-2.0
"""The certificate that new connections are given, replaced while the server runs."""

import ssl
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from entrepot.infra.http.tls.pair import CertificateUnusable
from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.pair import names_of
from entrepot.infra.http.tls.pair import read_certificate
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError

POLL_SECONDS = 2.0
SOON_MS = 7 * DAY_MS

log = structlog.get_logger(__name__)


class CertificateEnds(AppError):
    """Clients refuse the certificate, or soon will."""

    code = "certificate_ends"
    default_hint = "Put a new certificate into place; the log says why it was not renewed."


class LiveCertificate:
    """Follows a pair of files: connections made after a change are given the new certificate, others go on.

    Two files replaced one after another do not fit for a moment, and a broken
    one never does: until both do, what was read before is kept.
    """

    def __init__(self, pair: Pair, clock: Clock) -> None:
        """Read the files. Raises `CertificateUnusable`."""
        self._pair = pair
        self._clock = clock
        self._seen = pair.marks()
        self._current = read_certificate(pair, clock())
        self._unusable: tuple[object, ...] = ()
        self._is_told = False
        self.context = self._current.context
        """What to serve with, from now on and through all changes."""
        self.context.sni_callback = self._present

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the certificate and does not keep it from being used."""
        return self._current.warnings

    @property
    def names(self) -> frozenset[str]:
        """The host names and addresses that it is for."""
        return names_of(self._current.leaf)

    @property
    def seconds_left(self) -> int:
        """How long the certificate is valid still; negative once it has expired."""
        return (self._current.expires_at - self._clock()) // SECOND_MS

    async def check(self) -> None:
        """Raise `CertificateEnds` when clients refuse the certificate for its age, or will within a week."""
        current, now = self._current, self._clock()
        life = current.expires_at - current.begins_at
        if now < current.begins_at:
            raise CertificateEnds(f"it is valid from {rfc3339(current.begins_at)} only")
        if current.expires_at - now < min(SOON_MS, life // 6):
            raise CertificateEnds(f"it is valid until {rfc3339(current.expires_at)} only")

    def reload_if_changed(self) -> None:
        """Take the files again if they were replaced. Blocks; what is wrong with them is logged."""
        marks = self._pair.marks()
        if marks == self._seen:
            return
        try:
            loaded = read_certificate(self._pair, self._clock())
        except CertificateUnusable as error:
            self._keep(marks, error)
            return
        self._seen, self._current = marks, loaded
        log.info("tls.certificate_replaced", names=sorted(self.names), expires_at=rfc3339(loaded.expires_at))
        for warning in loaded.warnings:
            log.warning("tls.certificate_doubtful", reason=warning)

    def _keep(self, marks: tuple[object, ...], error: CertificateUnusable) -> None:
        """Tell what is wrong, once, when the files have been so for two looks: they may be in the midst of change."""
        if marks != self._unusable:
            self._unusable, self._is_told = marks, False
        elif not self._is_told:
            self._is_told = True
            log.error("tls.certificate_kept", reason=error.message, next_step=error.hint)

    def _present(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Give a new connection the certificate of this moment (called in every handshake, with a name or without)."""
        connection.context = self._current.context


@contextmanager
def kept_fresh(live: LiveCertificate, renew: Callable[[], None], poll_seconds: float = POLL_SECONDS) -> Iterator[None]:
    """While the block runs, have `renew` renew what is due and take replaced files, in a thread of its own."""
    is_stopping = threading.Event()

    def look() -> None:
        while True:
            try:
                renew()
                live.reload_if_changed()
            except Exception:  # the edge of the thread: the next look may fare better
                log.exception("tls.look_failed")
            if is_stopping.wait(poll_seconds):
                return

    threading.Thread(target=look, name="certificates", daemon=True).start()
    try:
        yield
    finally:
        is_stopping.set()
