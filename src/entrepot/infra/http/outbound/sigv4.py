# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4 of AWS, for S3: the request is signed with its body."""

import hashlib
import hmac
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from urllib.parse import quote

from entrepot.kernel.clock import Milliseconds

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "s3"
UNSIGNED = "UNSIGNED-PAYLOAD"

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs, and for which region. `token` goes with temporary keys."""

    key_id: str
    secret: str = field(repr=False)
    region: str
    token: str = field(default="", repr=False)


def encoded_path(path: str) -> str:
    """Return a path as S3 wants it signed and sent: percent-encoded once, the slashes kept."""
    return quote(path, safe="/-_.~")


def encoded_query(query: Query) -> str:
    """Return a query as it is signed and sent."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query))


@dataclass(frozen=True, slots=True)
class Signable:
    """A request: path and query before they are encoded; `headers` are all those that are signed, `Host` among them.

    `body_hash` is given for a body that is not at hand: its SHA-256 in hex, or `UNSIGNED`.
    """

    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: bytes = b""
    body_hash: str = ""


def signed(request: Signable, by: Credentials, at: Milliseconds) -> dict[str, str]:
    """Return the headers to add: the moment, the hash of the body, and the signature over all."""
    moment = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    body_hash = request.body_hash or hashlib.sha256(request.body).hexdigest()
    added = {"x-amz-content-sha256": body_hash, "x-amz-date": moment}
    if by.token:
        added["x-amz-security-token"] = by.token
    headers = {name.lower(): " ".join(value.split()) for name, value in {**request.headers, **added}.items()}
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        (
            request.method,
            encoded_path(request.path),
            encoded_query(request.query),
            *(f"{name}:{headers[name]}" for name in sorted(headers)),
            "",
            names,
            body_hash,
        )
    )
    scope = f"{moment[:8]}/{by.region}/{SERVICE}/aws4_request"
    to_sign = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(_key(by, moment[:8]), to_sign.encode(), "sha256").hexdigest()
    return {
        **added,
        "Authorization": f"{ALGORITHM} Credential={by.key_id}/{scope},SignedHeaders={names},Signature={signature}",
    }


def _key(by: Credentials, day: str) -> bytes:
    key = f"AWS4{by.secret}".encode()
    for part in (day, by.region, SERVICE, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
