# SPDX-License-Identifier: Apache-2.0
"""What an S3 keeps: objects and uploads, in memory, and how it names and checks their contents."""

import base64
import hashlib
import secrets
import zlib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.traits import Traits

ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects cannot be read before they are restored."""

KEPT_HEADERS = ("content-type", "content-encoding", "content-disposition", "content-language", "cache-control")


class Restoring(StrEnum):
    """How far an archived object is from being readable."""

    NOT_ASKED = "not asked"
    ONGOING = "ongoing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Kept:
    """An object. `headers` are those that come back with it: metadata, type, checksums."""

    key: str
    body: bytes
    etag: str
    modified: float
    storage_class: str = "STANDARD"
    headers: Mapping[str, str] = field(default_factory=dict)
    restoring: Restoring = Restoring.NOT_ASKED

    @property
    def is_readable(self) -> bool:
        """Tell whether its bytes can be had now."""
        return self.storage_class not in ARCHIVES or self.restoring is Restoring.DONE


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an upload."""

    number: int
    body: bytes
    etag: str
    modified: float
    checksums: Mapping[str, str]


@dataclass(slots=True)
class Upload:
    """An upload that is not complete. `headers` are those that it was created with."""

    id: str
    key: str
    created: float
    headers: Mapping[str, str]
    parts: dict[int, Part] = field(default_factory=dict)


@dataclass(slots=True)
class Bucket:
    """All that a bucket has."""

    objects: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    completed: dict[str, str] = field(default_factory=dict)
    """The keys of uploads that are complete."""


def etag_of(body: bytes, traits: Traits) -> str:
    """Return the ETag of what came at once."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"' if traits.has_md5_etags else _meaningless()


def etag_of_parts(parts: Iterable[Part], traits: Traits) -> str:
    """Return the ETag of what came in parts: the MD5 of their MD5s, and how many they are."""
    if not traits.has_md5_etags:
        return _meaningless()
    sums = [bytes.fromhex(part.etag.strip('"')) for part in parts]
    return f'"{hashlib.md5(b"".join(sums), usedforsecurity=False).hexdigest()}-{len(sums)}"'


def _meaningless() -> str:
    return f'"{secrets.token_hex(16)}"'


CHECKSUMS = {
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
}


def checked(body: bytes, headers: Mapping[str, str], traits: Traits) -> dict[str, str]:
    """Compare a body with the digests that came with it, and return the checksums among them.

    Raises `S3Error` (BadDigest, InvalidDigest), also NotImplemented for an algorithm that is not known here.
    """
    if not traits.checks_digests:
        return {}
    md5 = headers.get("content-md5")
    if md5 is not None:
        _compare("Content-MD5", md5, hashlib.md5(body, usedforsecurity=False).digest())
    found: dict[str, str] = {}
    for name, value in headers.items():
        if name.startswith("x-amz-checksum-") and name not in ("x-amz-checksum-algorithm", "x-amz-checksum-mode"):
            if name not in CHECKSUMS:
                raise S3Error("NotImplemented", f"{name} is not known to this fake")
            _compare(name, value, CHECKSUMS[name](body))
            found[name] = value
    return found


def _compare(name: str, said: str, is_so: bytes) -> None:
    encoded = base64.b64encode(is_so).decode()
    if len(said) != len(encoded):
        raise S3Error("InvalidDigest" if name == "Content-MD5" else "InvalidRequest", f"{name} is {said}")
    if said != encoded:
        raise S3Error("BadDigest", f"{name} is {said}, and what came has {encoded}")


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a request that come back with its object."""
    return {name: value for name, value in headers.items() if name.startswith("x-amz-meta-") or name in KEPT_HEADERS}


def check_conditions(existing: Kept | None, headers: Mapping[str, str], traits: Traits) -> None:
    """Refuse to write over what a client says that it does not mean to. Raises `S3Error`."""
    if not traits.honours_conditions:
        return
    absent, match = headers.get("if-none-match"), headers.get("if-match")
    if absent not in (None, "*"):
        raise S3Error("NotImplemented", "If-None-Match of a write can only be *")
    if absent and existing is not None:
        raise S3Error("PreconditionFailed", "the key exists")
    if match is not None and existing is None:
        raise S3Error("NoSuchKey", "If-Match of a key that is not there")
    if match is not None and existing is not None and match.strip('"') != existing.etag.strip('"'):
        raise S3Error("PreconditionFailed", f"the ETag is {existing.etag}")
