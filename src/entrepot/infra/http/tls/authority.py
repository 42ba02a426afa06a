# SPDX-License-Identifier: Apache-2.0
"""A local authority in the data folder, and a short-lived certificate that it renews (`--tls auto`)."""

from collections.abc import Iterable
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from entrepot.infra.http.tls.folder import FOR_ALL
from entrepot.infra.http.tls.folder import make_folder
from entrepot.infra.http.tls.folder import only_one
from entrepot.infra.http.tls.folder import write_whole
from entrepot.infra.http.tls.names import may_sign_for
from entrepot.infra.http.tls.pair import CertificateUnusable
from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.pair import milliseconds
from entrepot.infra.http.tls.pair import names_of
from entrepot.infra.http.tls.signing import Life
from entrepot.infra.http.tls.signing import Signer
from entrepot.infra.http.tls.signing import key_pem
from entrepot.infra.http.tls.signing import make_authority
from entrepot.infra.http.tls.signing import make_leaf
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339

AUTHORITY_MS = 3_650 * DAY_MS
LEAF_MS = 90 * DAY_MS

log = structlog.get_logger(__name__)


def renewal_time(certificate: x509.Certificate) -> Milliseconds:
    """Return when two thirds of a certificate's life are over."""
    begins, ends = milliseconds(certificate.not_valid_before_utc), milliseconds(certificate.not_valid_after_utc)
    return Milliseconds(begins + (ends - begins) * 2 // 3)


def first_certificate(path: Path) -> x509.Certificate | None:
    """Return the first certificate in a file, None when there is none that can be read."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError):
        return None


def fingerprint(certificate: x509.Certificate) -> str:
    """Return what a person compares: `sha256:` and the digest of the certificate, in hex."""
    return f"sha256:{certificate.fingerprint(SHA256()).hex()}"


class LocalAuthority:
    """Keeps `ca.crt` and `ca.key`, made once, and `server.pem`, renewed at two thirds of its life, in a folder.

    Several processes may work on one folder: one of them makes what is due.
    """

    def __init__(self, folder: Path, names: Iterable[str], clock: Clock) -> None:
        """The certificate is for `names`, as far as the authority may sign for them."""
        self.path = folder / "ca.crt"
        self.pair = Pair(folder / "server.pem", folder / "server.pem")
        self._folder = folder
        self._names = frozenset(names)
        self._clock = clock

    def prepare(self) -> tuple[str, ...]:
        """Make what is missing, and return the names that are left out: those that the authority may not sign for.

        Blocks while another process does so. Raises `CertificateUnusable`.
        """
        make_folder(self._folder)
        with only_one(self._folder, waits=True):
            authority = self._authority()
            names = {name for name in self._names if may_sign_for(authority.certificate, name)}
            leaf = first_certificate(self.pair.cert)
            if leaf is None or self._is_due(leaf) or names_of(leaf) != names or not _is_of(leaf, authority):
                self._sign(authority, names)
        return tuple(sorted(self._names - names))

    def renew_if_due(self) -> None:
        """Renew the certificate if its time has come and no other process does it. Raises `CertificateUnusable`."""
        leaf = first_certificate(self.pair.cert)
        if leaf is not None and not self._is_due(leaf):
            return
        with only_one(self._folder, waits=False) as is_mine:
            leaf = first_certificate(self.pair.cert)
            if is_mine and (leaf is None or self._is_due(leaf)):
                authority = self._authority()
                names = self._names if leaf is None else names_of(leaf)
                self._sign(authority, {name for name in names if may_sign_for(authority.certificate, name)})

    def _is_due(self, leaf: x509.Certificate) -> bool:
        now = self._clock()
        return now >= renewal_time(leaf) or now < milliseconds(leaf.not_valid_before_utc)

    def _authority(self) -> Signer:
        """Read the authority, or make it when there is none."""
        secret = self.path.with_suffix(".key")
        if not self.path.exists():
            made = make_authority("Entrepot local authority", self._names, Life.of(self._clock(), AUTHORITY_MS))
            write_whole(secret, key_pem(made.key))
            write_whole(self.path, made.certificate.public_bytes(Encoding.PEM), FOR_ALL)
            log.info("tls.authority_made", fingerprint=fingerprint(made.certificate))
            return made
        return self._read(secret)

    def _read(self, secret: Path) -> Signer:
        hint = f"Restore {self.path} and {secret}, or remove both: clients then have to trust a new authority."
        certificate = first_certificate(self.path)
        try:
            key = load_pem_private_key(secret.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise CertificateUnusable(f"the local authority's key {secret} cannot be read", hint=hint) from error
        if certificate is None:
            raise CertificateUnusable(f"the local authority's certificate {self.path} cannot be read", hint=hint)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise CertificateUnusable(f"{secret} is not the key of {self.path}", hint=hint)
        if self._clock() >= milliseconds(certificate.not_valid_after_utc):
            raise CertificateUnusable(f"the local authority {self.path} has expired", hint=hint)
        return Signer(certificate, key)

    def _sign(self, authority: Signer, names: Iterable[str]) -> None:
        life = Life.of(self._clock(), LEAF_MS)
        ends_at = min(life.ends_at, milliseconds(authority.certificate.not_valid_after_utc))
        leaf = make_leaf(names, Life(life.begins_at, ends_at), authority)
        chain = b"".join(each.certificate.public_bytes(Encoding.PEM) for each in (leaf, authority))
        write_whole(self.pair.cert, chain + key_pem(leaf.key))
        log.info("tls.certificate_signed", names=sorted(names), expires_at=rfc3339(ends_at))


def _is_of(leaf: x509.Certificate, authority: Signer) -> bool:
    try:
        leaf.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
