# SPDX-License-Identifier: Apache-2.0
"""Keys, certificates and files of them, made for a test."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.x509.oid import NameOID

from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.signing import Life
from entrepot.infra.http.tls.signing import Signer
from entrepot.infra.http.tls.signing import key_pem
from entrepot.infra.http.tls.signing import make_authority
from entrepot.infra.http.tls.signing import make_leaf
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import system_clock

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def pem(*certificates: x509.Certificate) -> bytes:
    """Write certificates, one after another."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def self_signed(key: Key, *, begins_in_days: int = -1, ends_in_days: int = 1) -> x509.Certificate:
    """Make a certificate of any key, for localhost."""
    now, name = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins_in_days))
        .not_valid_after(now + timedelta(days=ends_in_days))
        .sign(key, SHA256())
    )


def private(key: Key, form: PrivateFormat, password: bytes = b"") -> bytes:
    """Write a key in one of its forms."""
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(password) if password else NoEncryption())


def authority(*names: str) -> Signer:
    """Make an authority for these names."""
    return make_authority("Authority of a test", names, Life.of(system_clock(), DAY_MS))


def leaf(of: Signer | None, *names: str) -> Signer:
    """Make a server's certificate for these names, or for localhost and 127.0.0.1."""
    return make_leaf(names or ("localhost", "127.0.0.1"), Life.of(system_clock(), DAY_MS), of)


def write_pair(folder: Path, cert: bytes, key: bytes) -> Pair:
    """Put both files into a folder, the key readable by its owner only."""
    folder.mkdir(exist_ok=True, parents=True)
    pair = Pair(folder / "cert.pem", folder / "key.pem")
    pair.cert.write_bytes(cert)
    pair.key.touch(mode=0o600)
    pair.key.write_bytes(key)
    return pair


def place(folder: Path, signer: Signer, *chain: Signer) -> Pair:
    """Put a certificate with its chain, and its key, into a folder."""
    certificates = [each.certificate for each in (signer, *chain)]
    return write_pair(folder, pem(*certificates), key_pem(signer.key))
