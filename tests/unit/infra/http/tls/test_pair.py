# SPDX-License-Identifier: Apache-2.0
"""Certificates and keys in files."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.tls.pair import CertificateUnusable
from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.pair import read_certificate
from entrepot.infra.http.tls.signing import key_pem
from entrepot.kernel.clock import system_clock
from tests.unit.infra.http.tls.made import Key
from tests.unit.infra.http.tls.made import authority
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import pem
from tests.unit.infra.http.tls.made import place
from tests.unit.infra.http.tls.made import private
from tests.unit.infra.http.tls.made import self_signed
from tests.unit.infra.http.tls.made import write_pair

# What `openssl ecparam -genkey` writes before the key: the name of the curve P-256.
EC_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


def elliptic() -> ec.EllipticCurvePrivateKey:
    """Make a key of the curve P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def rivest() -> rsa.RSAPrivateKey:
    """Make an RSA key."""
    return rsa.generate_private_key(65_537, 2_048)


def problem(pair: Pair) -> str:
    """Return why a pair cannot be used."""
    with pytest.raises(CertificateUnusable) as caught:
        read_certificate(pair, system_clock())
    return f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("make", [elliptic, rivest])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_keys_in_every_form_are_taken(tmp_path: Path, make: Callable[[], Key], form: PrivateFormat) -> None:
    """PKCS#8, PKCS#1 and SEC1."""
    key = make()
    pair = write_pair(tmp_path, pem(self_signed(key)), private(key, form))

    assert read_certificate(pair, system_clock()).warnings == ()


def test_parameters_before_a_key_are_passed_over(tmp_path: Path) -> None:
    """A file that `openssl ecparam -genkey` wrote is taken."""
    key = elliptic()
    sec1 = private(key, PrivateFormat.TraditionalOpenSSL)
    pair = write_pair(tmp_path, pem(self_signed(key)), EC_PARAMETERS + sec1)

    assert read_certificate(pair, system_clock()).warnings == ()


def test_one_file_may_hold_both(tmp_path: Path) -> None:
    """The certificate, its chain and the key."""
    issuer = authority("localhost")
    signer = leaf(issuer)
    both = tmp_path / "both.pem"
    both.touch(mode=0o600)
    both.write_bytes(pem(signer.certificate, issuer.certificate) + key_pem(signer.key))

    assert read_certificate(Pair(both, both), system_clock()).leaf == signer.certificate


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_is_refused(tmp_path: Path, form: PrivateFormat) -> None:
    """The message says so, and how to remove the password; nobody is asked for it."""
    key = elliptic()
    said = problem(write_pair(tmp_path, pem(self_signed(key)), private(key, form, b"secret")))

    assert f"the private key in {tmp_path / 'key.pem'} is encrypted" in said
    assert "openssl pkey" in said


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    """Both files are named."""
    said = problem(write_pair(tmp_path, pem(self_signed(elliptic())), private(elliptic(), PrivateFormat.PKCS8)))

    assert "is not that of the certificate" in said


def test_a_chain_that_begins_elsewhere_is_refused(tmp_path: Path) -> None:
    """The server's own certificate comes first."""
    issuer = authority("localhost")
    signer = leaf(issuer)

    said = problem(write_pair(tmp_path, pem(issuer.certificate, signer.certificate), key_pem(signer.key)))

    assert "the first certificate" in said
    assert "the server's certificate first" in said


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        (None, b"KEY", "cert.pem cannot be read: No such file or directory"),
        (b"CERT", None, "key.pem cannot be read: No such file or directory"),
        (b"CERT", b"CERT", "key.pem holds a certificate, and no private key"),
        (b"KEY", b"KEY", "cert.pem holds a private key, and no certificate"),
        (b"CERT", b"hello", "key.pem holds no private key in PEM form"),
        (b"", b"KEY", "cert.pem holds no certificate in PEM form"),
        (b"CERT", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "is damaged"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"KEY", "cert.pem is damaged"),
    ],
)
def test_what_is_wrong_with_which_file_is_said(
    tmp_path: Path, cert: bytes | None, key: bytes | None, said: str
) -> None:
    """CERT and KEY stand for a pair that fits, None for a file that is not there."""
    signer = leaf(None)
    meant = {b"CERT": pem(signer.certificate), b"KEY": key_pem(signer.key)}
    pair = Pair(tmp_path / "cert.pem", tmp_path / "key.pem")
    for path, content in ((pair.cert, cert), (pair.key, key)):
        if content is not None:
            path.write_bytes(meant.get(content, content))

    assert said in problem(pair)


@pytest.mark.parametrize(
    ("begins_in_days", "ends_in_days", "warning"), [(-2, -1, "has expired"), (1, 2, "is valid from")]
)
def test_a_certificate_out_of_its_time_is_told_of(
    tmp_path: Path, begins_in_days: int, ends_in_days: int, warning: str
) -> None:
    """It is used all the same: the clock may be wrong."""
    key = elliptic()
    certificate = self_signed(key, begins_in_days=begins_in_days, ends_in_days=ends_in_days)

    read = read_certificate(write_pair(tmp_path, pem(certificate), private(key, PrivateFormat.PKCS8)), system_clock())

    assert [warning in told for told in read.warnings] == [True]


def test_a_missing_chain_is_told_of(tmp_path: Path) -> None:
    """Clients may have the issuer, so that it is used all the same."""
    issuer = authority("localhost")
    signer = leaf(issuer)

    alone = read_certificate(place(tmp_path / "alone", signer), system_clock())
    whole = read_certificate(place(tmp_path / "whole", signer, issuer), system_clock())

    assert ["append the intermediate certificates" in told for told in alone.warnings] == [True]
    assert whole.warnings == ()


def test_a_chain_that_does_not_hang_together_is_told_of(tmp_path: Path) -> None:
    """A certificate is followed by that of its issuer."""
    read = read_certificate(place(tmp_path, leaf(authority("localhost")), authority("localhost")), system_clock())

    assert ["which did not issue it" in told for told in read.warnings] == [True]


def test_a_key_that_everybody_can_read_is_told_of(tmp_path: Path) -> None:
    """It is used all the same: some platforms mount secrets so."""
    pair = place(tmp_path, leaf(None))
    pair.key.chmod(0o644)

    assert ["can be read by every user" in told for told in read_certificate(pair, system_clock()).warnings] == [True]


@given(content=st.binary(max_size=200), is_framed=st.booleans())
def test_files_of_any_content_are_refused_in_words(content: bytes, is_framed: bool) -> None:
    """Nothing else than the error for people leaves the reader."""
    text = b"-----BEGIN CERTIFICATE-----\n" + content + b"\n-----END CERTIFICATE-----\n" if is_framed else content
    with tempfile.TemporaryDirectory() as folder:
        pair = write_pair(Path(folder), text, key_pem(leaf(None).key))

        assert problem(pair)
