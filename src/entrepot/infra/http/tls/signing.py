# SPDX-License-Identifier: Apache-2.0
"""Making keys and certificates: an authority, and what it signs (RFC 5280)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from entrepot.infra.http.tls.names import only_for
from entrepot.infra.http.tls.names import subject_names
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate and its key, both of which signing takes."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Life:
    """From when and until when a certificate is valid."""

    begins_at: Milliseconds
    ends_at: Milliseconds

    @classmethod
    def of(cls, now: Milliseconds, length_ms: int) -> "Life":
        """Begin an hour ago, for clients whose clock is behind."""
        return cls(Milliseconds(now - HOUR_MS), Milliseconds(now + length_ms))


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a new key: the curve P-256, which every client knows."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Write a key down, in PKCS#8, not encrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_authority(title: str, names: Iterable[str], life: Life) -> Signer:
    """Make an authority that can sign for `names` only, and for no other authority."""
    key = new_key()
    name = _named(title)
    certificate = (
        _begun(name, name, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(only_for(names), critical=True)
        .sign(key, SHA256())
    )
    return Signer(certificate, key)


def make_leaf(names: Iterable[str], life: Life, authority: Signer | None) -> Signer:
    """Make a server's certificate, signed by `authority`, or by itself when there is none."""
    key = new_key()
    chosen = sorted(names)
    subject = _named(chosen[0][:64])
    builder = (
        _begun(subject, authority.certificate.subject if authority else subject, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(subject_names(chosen), critical=False)
    )
    if authority is None:
        return Signer(builder.sign(key, SHA256()), key)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    return Signer(builder.add_extension(issuer, critical=False).sign(authority.key, SHA256()), key)


def request_for(names: Iterable[str], key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a request for a certificate (PKCS#10), in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.add_extension(subject_names(names), critical=False).sign(key, SHA256()).public_bytes(Encoding.PEM)


def _begun(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, life: Life
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(life.begins_at // 1000, UTC))
        .not_valid_after(datetime.fromtimestamp(life.ends_at // 1000, UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
