# SPDX-License-Identifier: Apache-2.0
"""Who asks Azure: the key of the account ("Shared Key"), a shared access signature, or a bearer token."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime

from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.storage.s3.bearer import Bearer
from entrepot.infra.storage.s3.sending import Signed
from entrepot.kernel.clock import Milliseconds

VERSION = "2023-11-03"
"""The version of the service that every request is meant for."""

_SIGNED = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)
"""Headers whose values are signed, in this order, empty where they are not sent."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A key of the account, decoded."""

    account: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessSignature:
    """A shared access signature: a query that goes behind that of each request."""

    query: str = field(repr=False)


AzureKeys = AccountKey | AccessSignature | Bearer


def signed(request: Signable, keys: AzureKeys, at: Milliseconds) -> Signed:
    """Return what a request has besides, so that Azure knows who asks."""
    date = format_datetime(datetime.fromtimestamp(at / 1000, UTC), usegmt=True)
    own = {"x-ms-date": date, "x-ms-version": VERSION}
    match keys:
        case AccountKey():
            headers = {name.lower(): value for name, value in {**request.headers, **own}.items()}
            digest = hmac.digest(keys.key, to_sign(request, headers, keys.account).encode(), "sha256")
            return Signed({**own, "Authorization": f"SharedKey {keys.account}:{base64.b64encode(digest).decode()}"})
        case AccessSignature():
            return Signed(own, keys.query)
        case Bearer():
            return Signed({**own, "Authorization": f"Bearer {keys.token}"})


def to_sign(request: Signable, headers: Mapping[str, str], account: str) -> str:
    """Return the text whose signature goes with a request; the names of `headers` are in lower case."""
    values = {**headers, "content-length": headers.get("content-length", "").removeprefix("0")}
    lines = [request.method, *(values.get(name, "") for name in _SIGNED)]
    lines += [f"{name}:{headers[name].strip()}" for name in sorted(headers) if name.startswith("x-ms-")]
    query = "".join(f"\n{name.lower()}:{value}" for name, value in sorted(request.query))
    return "\n".join([*lines, f"/{account}{encoded_path(request.path)}{query}"])
