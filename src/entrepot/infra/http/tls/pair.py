# SPDX-License-Identifier: Apache-2.0
"""A certificate and its private key in files: read, judged, and made ready to serve with."""

import os
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import PublicFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption. TLS 1.3 has no others."""

_KEY = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)


class CertificateUnusable(AppError):
    """The certificate or its key cannot be used."""

    code = "certificate_unusable"
    default_hint = "Put the right files where server.tls.cert and server.tls.key (--tls-cert, --tls-key) say."


@dataclass(frozen=True, slots=True)
class Pair:
    """The file of a certificate with its chain, and that of its key; one file may hold both."""

    cert: Path
    key: Path

    def marks(self) -> tuple[object, ...]:
        """Return what differs once one of the files, or what they link to, was replaced or written to."""
        return tuple(_mark(path) for path in (self.cert, self.key))


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was read, and a context that serves with it."""

    leaf: x509.Certificate
    context: ssl.SSLContext
    warnings: tuple[str, ...]
    """What is wrong with it and does not keep it from being used."""

    @property
    def expires_at(self) -> Milliseconds:
        """The end of its life."""
        return milliseconds(self.leaf.not_valid_after_utc)

    @property
    def begins_at(self) -> Milliseconds:
        """The beginning of its life."""
        return milliseconds(self.leaf.not_valid_before_utc)


def read_certificate(pair: Pair, now: Milliseconds) -> Certificate:
    """Read both files. Raises `CertificateUnusable` that says what is wrong with which."""
    key = _private_key(pair.key)
    chain = _chain(pair.cert)
    _expect_match(pair, chain, key)
    context = server_context()
    try:
        # Never ask on the terminal for the password of a key that was encrypted just now.
        context.load_cert_chain(pair.cert, pair.key, password="")
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror
        raise CertificateUnusable(f"{pair.cert} with {pair.key} cannot be served with: {reason}") from error
    return Certificate(chain[0], context, tuple(_warnings(pair, chain, now)))


def server_context() -> ssl.SSLContext:
    """Return how the server speaks TLS: version 1.2 at least, and HTTP/1.1 within (RFC 7301)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    return context


def milliseconds(moment: datetime) -> Milliseconds:
    """Turn a time of a certificate into ours."""
    return Milliseconds(int(moment.timestamp() * 1000))


def _mark(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = None
        if isinstance(error, PermissionError):
            hint = f"Let the user {os.geteuid()}, as whom the server runs, read it and enter the folders above it."
        raise CertificateUnusable(f"{path} cannot be read: {error.strerror}", hint=hint) from error


def _private_key(path: Path) -> bytes:
    """Return the public half of the key in the file, as DER."""
    content = _read(path)
    found = _KEY.search(content)
    if found is None:
        what = "a certificate, and no private key" if b"BEGIN CERTIFICATE" in content else "no private key in PEM form"
        raise CertificateUnusable(f"{path} holds {what}")
    try:
        key = load_pem_private_key(found[0], password=None)
    except TypeError as error:
        hint = f"Remove its password: openssl pkey -in {path} -out KEY.pem (readable by the server only)."
        raise CertificateUnusable(f"the private key in {path} is encrypted", hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnusable(f"the private key in {path} is damaged, or of a kind that is not known") from error
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _chain(path: Path) -> Sequence[x509.Certificate]:
    content = _read(path)
    if b"BEGIN CERTIFICATE" not in content:
        what = "a private key, and no certificate" if _KEY.search(content) else "no certificate in PEM form"
        raise CertificateUnusable(f"{path} holds {what}")
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise CertificateUnusable(f"a certificate in {path} is damaged") from error


def _expect_match(pair: Pair, chain: Sequence[x509.Certificate], key: bytes) -> None:
    publics = [_public(certificate) for certificate in chain]
    if publics[0] == key:
        return
    if key in publics:
        hint = "Write the server's certificate first, then the one that issued it, and so on."
        raise CertificateUnusable(f"the first certificate in {pair.cert} is not the server's own", hint=hint)
    raise CertificateUnusable(f"the private key in {pair.key} is not that of the certificate in {pair.cert}")


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _warnings(pair: Pair, chain: Sequence[x509.Certificate], now: Milliseconds) -> list[str]:
    leaf, found = chain[0], []
    begins, ends = milliseconds(leaf.not_valid_before_utc), milliseconds(leaf.not_valid_after_utc)
    if now >= ends:
        found.append(f"the certificate in {pair.cert} has expired, on {rfc3339(ends)}: clients refuse it; renew it")
    if now < begins:
        clock = f"this machine's clock says {rfc3339(now)}"
        found.append(f"the certificate in {pair.cert} is valid from {rfc3339(begins)} only, and {clock}")
    if len(chain) == 1 and leaf.issuer != leaf.subject:
        issuer = leaf.issuer.rfc4514_string()
        found.append(
            f"{pair.cert} holds no certificate of the issuer, {issuer}: unless clients have it, they refuse the "
            "server; append the intermediate certificates (often called fullchain)"
        )
    for below, above in pairwise(chain):
        if not _has_issued(above, below):
            names = below.subject.rfc4514_string(), above.subject.rfc4514_string()
            found.append(
                f"in {pair.cert}, {names[0]} is followed by {names[1]}, which did not issue it: mend the order"
            )
    if pair.key.stat().st_mode & 0o004:
        found.append(f"{pair.key} can be read by every user of this machine: chmod o= {pair.key}")
    return found


def _has_issued(above: x509.Certificate, below: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """Return the host names and addresses that a certificate is for."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset()
    hosts = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return frozenset([*hosts, *map(str, addresses)])
