# SPDX-License-Identifier: Apache-2.0
"""Who may ask a Blob Storage: by the key of the account, a shared access signature, or a token of a workload."""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime

from tests.fakes.azure.calls import AzureCall
from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer

ACCOUNT, KEY = (
    "entrepot",
    base64.b64encode(b"a key of an account, sixty-four bytes of it, as Azure makes them!").decode(),
)
TENANT, CLIENT = "a-tenant", "a-client"
_HEADERS = ("content-md5", "content-type", "date", "if-modified-since", "if-match", "if-none-match")


class Authority:
    """Knows the key, `given` signatures, and the `tokens` that it gave for what is `accepted` of workloads."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.accepted: set[str] = set()
        self.tokens: list[str] = []
        self.ended: set[str] = set()

    def token(self, form: Mapping[str, str]) -> Answer:
        """Give a token for that of a workload."""
        is_known = form.get("client_id") == CLIENT and form.get("client_assertion") in self.accepted
        if not is_known or form.get("scope") != "https://storage.azure.com/.default":
            return answer(json.dumps({"error": "invalid_client"}).encode(), status=401)
        self.tokens.append(secrets.token_urlsafe(40))
        given = {"token_type": "Bearer", "expires_in": 3_600, "access_token": self.tokens[-1]}
        return answer(json.dumps(given).encode(), {"Content-Type": "application/json"})

    def require(self, call: AzureCall) -> None:
        """Raise `S3Error` for who may not ask this."""
        kind, _, proof = call.headers.get("authorization", "").partition(" ")
        if "sig" in call.parameters:
            self._require_signature(call)
        elif kind == "Bearer":
            if proof not in self.tokens or proof in self.ended:
                raise S3Error("InvalidAuthenticationInfo", "the token is not known, or has ended")
        elif kind != "SharedKey" or proof != f"{ACCOUNT}:{_signature(_shared_key_text(call))}":
            raise S3Error("AuthenticationFailed", _shared_key_text(call))

    def _require_signature(self, call: AzureCall) -> None:
        asked = call.parameters
        if asked["sig"] in self.given:
            return
        ends = datetime.fromisoformat(asked["se"])
        if call.method != "GET" or asked["sig"] != _signature(_sas_text(call)) or ends < datetime.now(UTC):
            raise S3Error("AuthenticationFailed", _sas_text(call))


def _signature(text: str) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(KEY), text.encode(), "sha256")).decode()


def _shared_key_text(call: AzureCall) -> str:
    headers = call.headers
    length = headers.get("content-length", "")
    lines = [call.method, "", "", "" if length == "0" else length, *(headers.get(name, "") for name in _HEADERS)]
    lines += [headers.get("if-unmodified-since", ""), headers.get("range", "")]
    lines += [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-ms-")]
    query = [f"{name}:{value}" for name, value in sorted(call.parameters.items())]
    return "\n".join([*lines, f"/{ACCOUNT}{call.path}", *query])


def _sas_text(call: AzureCall) -> str:
    asked, (container, name) = call.parameters, call.names
    fields = [asked.get("sp", ""), asked.get("st", ""), asked.get("se", ""), f"/blob/{ACCOUNT}/{container}/{name}"]
    fields += [asked.get(each, "") for each in ("si", "sip", "spr", "sv", "sr", "snapshot", "ses")]
    return "\n".join([*fields, "", "", "", "", ""])
