# SPDX-License-Identifier: Apache-2.0
"""Reading the files that Google gives to whoever may ask it: keys of service accounts, and federations."""

import re
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_EMAIL = re.compile(r"[A-Za-z0-9._@:-]{3,256}")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """An account with a key of its own, which also signs addresses."""

    email: str
    key_id: str
    token_url: str
    key: RSAPrivateKey = field(repr=False)

    def signature(self, data: bytes) -> bytes:
        """Sign with RSA and SHA-256."""
        return self.key.sign(data, PKCS1v15(), SHA256())


@dataclass(frozen=True, slots=True)
class Federation:
    """A workload that somebody else vouches for, by a token in a file; Google gives a token of its own for that."""

    audience: str
    token_type: str
    token_url: str
    token_file: Path
    token_field: str
    """Which member of the JSON in that file; empty for a file that is the token."""
    impersonation_url: str
    """Who gives a token of a service account for that in turn; empty for nobody."""


class _Format(msgspec.Struct):
    type: str = "text"
    subject_token_field_name: str = ""


class _Source(msgspec.Struct):
    file: str = ""
    format: _Format = msgspec.field(default_factory=_Format)


class _File(msgspec.Struct):
    type: str
    client_email: str = ""
    private_key: str = ""
    private_key_id: str = ""
    token_uri: str = ""
    audience: str = ""
    subject_token_type: str = ""
    token_url: str = ""
    credential_source: _Source = msgspec.field(default_factory=_Source)
    service_account_impersonation_url: str = ""


def parse_identity(text: str) -> ServiceAccount | Federation:
    """Read such a file. Raises `ValueError`, which says what is wrong and holds nothing of it."""
    try:
        file = msgspec.json.decode(text, type=_File)
    except (msgspec.DecodeError, UnicodeError):
        raise ValueError("it is no such file of Google") from None
    if file.type == "service_account":
        return _service_account(file)
    if file.type == "external_account":
        return _federation(file)
    raise ValueError("it is neither the key of a service account nor a federation (external_account)")


def _service_account(file: _File) -> ServiceAccount:
    try:
        key = load_pem_private_key(file.private_key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("its private key cannot be read") from None
    if not isinstance(key, RSAPrivateKey) or not _EMAIL.fullmatch(file.client_email) or not file.token_uri:
        raise ValueError("it lacks an RSA key, the address of the account, or that of its tokens")
    return ServiceAccount(file.client_email, file.private_key_id, file.token_uri, key)


def _federation(file: _File) -> Federation:
    source = file.credential_source
    if not source.file:
        raise ValueError("its tokens come from something else than a file, which is not asked")
    if not (file.audience and file.subject_token_type and file.token_url):
        raise ValueError("it lacks its audience, the type of its tokens, or who takes them")
    name = source.format.subject_token_field_name if source.format.type == "json" else ""
    if source.format.type not in ("text", "json") or (source.format.type == "json" and not name):
        raise ValueError("it does not say what its file of tokens looks like")
    return Federation(
        file.audience,
        file.subject_token_type,
        file.token_url,
        Path(source.file),
        name,
        file.service_account_impersonation_url,
    )
