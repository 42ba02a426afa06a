# SPDX-License-Identifier: Apache-2.0
"""Verifies Signature Version 4, in headers and in presigned URLs, with nothing of what signs in Entrepot.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import unquote_plus

from tests.fakes.s3.accounts import Account
from tests.fakes.s3.accounts import Accounts
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.calls import Call

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
SKEW_SECONDS = 900
MOST_EXPIRES = 604_800

_AUTHORIZATION = re.compile(
    ALGORITHM + r" +Credential=(?P<by>[^,\s]+), *SignedHeaders=(?P<names>[^,\s]+), *Signature=(?P<sum>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a request says of its signature."""

    by: str
    moment: str
    names: Sequence[str]
    sum: str
    token: str
    payload: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """Knows the accounts, the region and the time."""

    accounts: Accounts
    region: str
    clock: Callable[[], float]

    def verify(self, call: Call) -> str:
        """Return the hash that the body must have, `UNSIGNED-PAYLOAD` for any. Raises `S3Error`."""
        asked = call.parameters
        if "authorization" in call.headers:
            said = self._of_headers(call)
        elif "X-Amz-Signature" in asked:
            said = self._of_query(call, asked)
        else:
            raise S3Error("AccessDenied", "nothing is signed")
        key_id, _, scope = said.by.partition("/")
        if scope != f"{said.moment[:8]}/{self.region}/s3/aws4_request":
            raise S3Error("AuthorizationHeaderMalformed", f"the scope is {scope}, expecting {self.region}")
        account = self.accounts.find(key_id, said.token)
        needed = {"host", *(name for name in call.headers if name.startswith("x-amz-"))}
        if not needed <= set(said.names):
            raise S3Error("AccessDenied", f"there were headers which were not signed: {needed - set(said.names)}")
        if not hmac.compare_digest(signature(call, said, account), said.sum):
            raise S3Error("SignatureDoesNotMatch", canonical(call, said))
        return said.payload

    def _of_headers(self, call: Call) -> _Signed:
        found = _AUTHORIZATION.fullmatch(call.headers["authorization"])
        if found is None:
            raise S3Error("AuthorizationHeaderMalformed", call.headers["authorization"].partition("Signature")[0])
        payload = call.headers.get("x-amz-content-sha256", "")
        if payload != UNSIGNED and re.fullmatch("[0-9a-f]{64}", payload) is None:
            code = "NotImplemented" if payload.startswith("STREAMING-") else "InvalidRequest"
            raise S3Error(code, f"x-amz-content-sha256 is {payload or 'missing'}")
        moment = call.headers.get("x-amz-date", "")
        if abs(self.clock() - _seconds(moment)) > SKEW_SECONDS:
            raise S3Error("RequestTimeTooSkewed", f"signed at {moment}")
        token = call.headers.get("x-amz-security-token", "")
        return _Signed(found["by"], moment, found["names"].split(";"), found["sum"], token, payload)

    def _of_query(self, call: Call, asked: dict[str, str]) -> _Signed:
        names = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders")
        if any(f"X-Amz-{name}" not in asked for name in names) or asked["X-Amz-Algorithm"] != ALGORITHM:
            raise S3Error("AuthorizationQueryParametersError", f"needed are {names}")
        expires, moment = asked["X-Amz-Expires"], asked["X-Amz-Date"]
        if not expires.isdecimal() or not 1 <= int(expires) <= MOST_EXPIRES:
            raise S3Error("AuthorizationQueryParametersError", f"X-Amz-Expires is {expires}")
        signed_at = _seconds(moment)
        if self.clock() >= signed_at + int(expires) or signed_at > self.clock() + SKEW_SECONDS:
            raise S3Error("AccessDenied", "Request has expired")
        return _Signed(
            asked["X-Amz-Credential"],
            moment,
            asked["X-Amz-SignedHeaders"].split(";"),
            asked["X-Amz-Signature"],
            asked.get("X-Amz-Security-Token", ""),
            call.headers.get("x-amz-content-sha256", UNSIGNED),
        )


def canonical(call: Call, said: _Signed) -> str:
    """Return the text that is hashed for a signature. Everything is decoded and encoded anew, as S3 does."""
    pairs = [part.partition("=")[::2] for part in call.query.split("&") if part]
    encoded = sorted((_encoded(unquote_plus(name)), _encoded(unquote_plus(value))) for name, value in pairs)
    headers = [f"{name}:{' '.join(call.headers.get(name, '').split())}" for name in said.names]
    lines = [
        call.method,
        quote(unquote(call.path), safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature"),
        *headers,
        "",
        ";".join(said.names),
        said.payload,
    ]
    return "\n".join(lines)


def signature(call: Call, said: _Signed, account: Account) -> str:
    """Return the signature that the account would have made."""
    day, region, service, end = said.by.split("/")[1:]
    key = f"AWS4{account.secret}".encode()
    for part in (day, region, service, end):
        key = hmac.digest(key, part.encode(), "sha256")
    hashed = hashlib.sha256(canonical(call, said).encode()).hexdigest()
    text = "\n".join((ALGORITHM, said.moment, f"{day}/{region}/{service}/{end}", hashed))
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _seconds(moment: str) -> float:
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise S3Error("AccessDenied", f"no valid date: {moment}") from error
