# SPDX-License-Identifier: Apache-2.0
"""Who may ask a Cloud Storage: who has a token, given for what a service account signed, or for a workload's."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.calls import Call

EMAIL = "registry@project.iam.gserviceaccount.com"
TOKEN_PATH, EXCHANGE_PATH, IMPERSONATE_PATH = "/token", "/v1/token", f"/v1/{EMAIL}:generateAccessToken"
PATHS = (TOKEN_PATH, EXCHANGE_PATH, IMPERSONATE_PATH)


@cache
def account_key() -> rsa.RSAPrivateKey:
    """Make the key of the service account, once for all tests of a process."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def service_account(url: str, path: Path) -> Path:
    """Write the file of a service account whose tokens are given at a URL."""
    pem = account_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = {"type": "service_account", "client_email": EMAIL, "private_key_id": "one", "private_key": pem}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**file, "token_uri": f"{url}{TOKEN_PATH}"}))
    return path


class Authority:
    """Knows the `tokens` that it gave, those that have `ended`, and what is `accepted` of workloads."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.ended: set[str] = set()
        self.accepted: set[str] = set()

    def token(self, call: Call, came: bytes) -> Answer:
        """Give a token for a proof."""
        form = dict(parse_qsl(came.decode()))
        if call.path == IMPERSONATE_PATH:
            self._require_token(call)
            ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
            return _json({"accessToken": self._new(), "expireTime": ends})
        is_good = _is_signed_by_account(form) if call.path == TOKEN_PATH else form["subject_token"] in self.accepted
        if not is_good:
            return _json({"error": "invalid_grant"}, status=400)
        return _json({"access_token": self._new(), "expires_in": 3_599, "token_type": "Bearer"})

    def require(self, call: Call) -> None:
        """Raise `S3Error` for who may not ask this."""
        if "X-Goog-Signature" in call.parameters:
            _require_signature(call)
        else:
            self._require_token(call)

    def _require_token(self, call: Call) -> None:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens or token in self.ended:
            raise S3Error("AuthenticationRequired", "the token is not known, or has ended")

    def _new(self) -> str:
        self.tokens.append(f"ya29.{secrets.token_urlsafe(40)}")
        return self.tokens[-1]


def _is_signed_by_account(form: Mapping[str, str]) -> bool:
    header, claims, signature = form["assertion"].split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    is_meant = told["iss"] == EMAIL and told["aud"].endswith(TOKEN_PATH) and told["exp"] - told["iat"] <= 3_600
    return is_meant and _is_signed(f"{header}.{claims}", base64.urlsafe_b64decode(signature + "=="))


def _require_signature(call: Call) -> None:
    asked = call.parameters
    query = urlencode([(name, asked[name]) for name in sorted(asked) if name != "X-Goog-Signature"])
    request = f"GET\n{call.path}\n{query}\nhost:{call.headers['host']}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = asked["X-Goog-Credential"].removeprefix(f"{EMAIL}/")
    text = f"GOOG4-RSA-SHA256\n{asked['X-Goog-Date']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    made = datetime.strptime(asked["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    is_good = made + timedelta(seconds=int(asked["X-Goog-Expires"])) > datetime.now(UTC)
    if call.method != "GET" or not is_good or not _is_signed(text, bytes.fromhex(asked["X-Goog-Signature"])):
        raise S3Error("SignatureDoesNotMatch", text)


def _is_signed(text: str, signature: bytes) -> bool:
    try:
        account_key().public_key().verify(signature, text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _json(told: Mapping[str, object], *, status: int = 200) -> Answer:
    return answer(json.dumps(told).encode(), {"Content-Type": "application/json"}, status=status)
