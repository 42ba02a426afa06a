# SPDX-License-Identifier: Apache-2.0
"""Time stamps of an authority (RFC 3161): asking for one, and verifying that it is one of this content, then."""

import hashlib
from datetime import datetime

from asn1crypto import algos
from asn1crypto import cms
from asn1crypto import core
from asn1crypto import tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality
from cryptography.x509.verification import ExtensionPolicy
from cryptography.x509.verification import Policy
from cryptography.x509.verification import PolicyBuilder
from cryptography.x509.verification import Store
from cryptography.x509.verification import VerificationError

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError

QUERY_TYPE = "application/timestamp-query"
DIGEST = "sha256"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)
"""What the libraries raise for what is not encoded as it should be."""


class NotStamped(AppError):
    """This is no time stamp of it."""

    code = "not_stamped"
    status = 502


class _Answer(core.Sequence):  # type: ignore[misc]
    """`TimeStampResp`: without a time stamp where it is a refusal."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012


def query(content: bytes, nonce: int) -> bytes:
    """Return what to ask an authority for a time stamp of `content` with, certificates included."""
    imprint = {"hash_algorithm": {"algorithm": DIGEST}, "hashed_message": hashlib.sha256(content).digest()}
    asked = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    encoded: bytes = asked.dump()
    return encoded


def token_in(answer: bytes) -> bytes:
    """Return the time stamp in the answer of an authority. Raises `NotStamped` where there is none."""
    try:
        said = _Answer.load(answer, strict=True)
        status = said["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise NotStamped(f"the authority answers with {status}")
        encoded: bytes = said["time_stamp_token"].dump()
        return encoded
    except _UNREADABLE as error:
        raise NotStamped("the answer of the authority is no time stamp") from error


def verify(token: bytes, content: bytes, authorities: bytes, nonce: int | None = None) -> Milliseconds:
    """Return the moment of a time stamp of `content`, made by whom `authorities` (PEM) vouch for.

    `nonce` is what was asked with, None to leave it unlooked at. Raises `NotStamped`, which says what is wrong.
    """
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        info = signed["encap_content_info"]["content"].parsed
        if not isinstance(info, tsp.TSTInfo):
            raise NotStamped("what is signed is no time stamp")
        _require_imprint(info, content, nonce)
        moment = info["gen_time"].native
        certificates = [x509.load_der_x509_certificate(each.chosen.dump()) for each in signed["certificates"]]
        [signer] = signed["signer_infos"]
        certificate = _require_signed(signed, signer, certificates)
        _require_chain(certificate, certificates, authorities, moment)
    except _UNREADABLE as error:
        raise NotStamped("the time stamp cannot be read") from error
    return Milliseconds(int(moment.timestamp() * 1000))


def _require_imprint(info: tsp.TSTInfo, content: bytes, nonce: int | None) -> None:
    imprint = info["message_imprint"]
    is_of_it = imprint["hashed_message"].native == hashlib.sha256(content).digest()
    if imprint["hash_algorithm"]["algorithm"].native != DIGEST or not is_of_it:
        raise NotStamped("the time stamp is of something else")
    if nonce is not None and info["nonce"].native != nonce:
        raise NotStamped("the time stamp is the answer to another question")


def _require_signed(
    signed: cms.SignedData, signer: cms.SignerInfo, certificates: list[x509.Certificate]
) -> x509.Certificate:
    """Return the certificate of who signed what stands there, which that names too (RFC 5816)."""
    algorithm = signer["digest_algorithm"]["algorithm"].native
    if algorithm not in _HASHES:
        raise NotStamped(f"the time stamp is signed with {algorithm}")
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    content = signed["encap_content_info"]["content"].contents
    if attributes["message_digest"][0].native != hashlib.new(algorithm, content).digest():
        raise NotStamped("what is signed is not what stands there")
    if attributes["content_type"][0].native != "tst_info":
        raise NotStamped("what is signed is no time stamp")
    [certificate] = [each for each in certificates if _is_named(each, attributes)]
    _require_signature(certificate, signer, _HASHES[algorithm])
    return certificate


def _is_named(certificate: x509.Certificate, attributes: dict[str, core.SetOf]) -> bool:
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"][0]["certs"][0]
        algorithm = named["hash_algorithm"]["algorithm"].native
    else:
        named, algorithm = attributes["signing_certificate"][0]["certs"][0], "sha1"
    found = certificate.fingerprint(hashes.SHA1() if algorithm == "sha1" else _HASHES[algorithm])  # noqa: S303 - RFC 3161 names certificates so
    return bool(named["cert_hash"].native == found)


def _require_signature(certificate: x509.Certificate, signer: cms.SignerInfo, digest: hashes.HashAlgorithm) -> None:
    key, signature = certificate.public_key(), signer["signature"].native
    said = signer["signed_attrs"].untag().dump()
    method: algos.SignedDigestAlgorithm = signer["signature_algorithm"]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, said, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and method.signature_algo == "rsassa_pkcs1v15":
            key.verify(signature, said, padding.PKCS1v15(), digest)
        elif isinstance(key, rsa.RSAPublicKey) and method.signature_algo == "rsassa_pss":
            key.verify(signature, said, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
        else:
            raise NotStamped("the time stamp is signed in a way that is not known here")
    except InvalidSignature as error:
        raise NotStamped("the signature of the time stamp is wrong") from error


def _require_chain(
    certificate: x509.Certificate, others: list[x509.Certificate], authorities: bytes, moment: datetime
) -> None:
    """Do nothing if the authorities vouched, at that moment, for who signs time stamps and nothing else."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise NotStamped("who signed it may not sign time stamps") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise NotStamped("who signed it may not sign time stamps")
    authority = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
    builder = PolicyBuilder().store(Store(x509.load_pem_x509_certificates(authorities))).time(moment)
    policies = builder.extension_policies(ca_policy=authority, ee_policy=ExtensionPolicy.permit_all())
    try:
        policies.build_client_verifier().verify(certificate, others)
    except VerificationError as error:
        raise NotStamped("nobody who is trusted vouches for who signed it") from error


def _is_authority(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("it is no authority")
