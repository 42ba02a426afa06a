# SPDX-License-Identifier: Apache-2.0
"""Tokens by which Google is asked: for what a service account signed, or for the token of a federated workload."""

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.storage.google.identity import Federation
from entrepot.infra.storage.google.identity import ServiceAccount
from entrepot.infra.storage.google.identity import parse_identity
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.bearer import MAX_FILE_BYTES
from entrepot.infra.storage.s3.bearer import Bearer
from entrepot.infra.storage.s3.bearer import TokenEndpoint
from entrepot.infra.storage.s3.bearer import checked_bearer
from entrepot.infra.storage.s3.bearer import read_small
from entrepot.infra.storage.s3.credentials import Lender
from entrepot.infra.storage.s3.credentials import Lent
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

if TYPE_CHECKING:
    from entrepot.infra.storage.google.settings import GoogleSettings
    from entrepot.infra.storage.s3.opening import Surroundings

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
BY_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
BY_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind
JWT_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class SignedIdentity(Lender[Bearer]):
    """Asks for tokens of a service account by what its key signs."""

    account: ServiceAccount
    endpoint: TokenEndpoint
    clock: Clock

    async def lend(self) -> Lent[Bearer]:
        """See `Lender`."""
        now = self.clock()
        return await self.endpoint.lend({"grant_type": BY_JWT, "assertion": assertion(self.account, now)}, now)


@dataclass(frozen=True, slots=True)
class FederatedIdentity(Lender[Bearer]):
    """Asks for tokens by the token of a workload, as its file holds it then; for those of an account in turn."""

    federation: Federation
    endpoint: TokenEndpoint
    impersonation: TokenEndpoint | None
    clock: Clock

    async def lend(self) -> Lent[Bearer]:
        """See `Lender`."""
        named = self.federation
        form = {
            "grant_type": BY_EXCHANGE,
            "audience": named.audience,
            "scope": SCOPE if self.impersonation is None else "https://www.googleapis.com/auth/cloud-platform",
            "requested_token_type": ACCESS_TOKEN,
            "subject_token_type": named.token_type,
            "subject_token": await self._subject_token(),
        }
        lent = await self.endpoint.lend(form, self.clock())
        if self.impersonation is None:
            return lent
        headers = {"Authorization": f"Bearer {lent.credentials.token}", "Content-Type": "application/json"}
        answer = await self.impersonation.ask(msgspec.json.encode({"scope": [SCOPE]}), headers)
        try:
            return parse_impersonated(answer.body)
        except ValueError:
            host = self.impersonation.where.url.host
            raise StorageUnavailable(f"what {host} answers holds no token") from None

    async def _subject_token(self) -> str:
        text = await read_small(self.federation.token_file, "token of a workload")
        if not self.federation.token_field:
            return text
        try:
            found = msgspec.json.decode(text, type=dict[str, object]).get(self.federation.token_field)
        except msgspec.DecodeError:
            found = None
        if not isinstance(found, str):
            raise StorageUnavailable(f"no token of a workload in {self.federation.token_file}: it has no such member")
        return found


class _Impersonated(msgspec.Struct, rename="camel"):
    access_token: str
    expire_time: datetime


def parse_impersonated(body: bytes) -> Lent[Bearer]:
    """Read the answer of who gives tokens of service accounts. Raises `ValueError` without anything of it."""
    try:
        given = msgspec.json.decode(body, type=_Impersonated)
        ends = Milliseconds(int(given.expire_time.timestamp() * 1000))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError):
        raise ValueError("no token") from None
    return Lent(checked_bearer(given.access_token), ends)


def assertion(account: ServiceAccount, now: Milliseconds) -> str:
    """Return a JWT by which an account asks for a token, signed with its key."""
    at = now // 1000
    header = {"alg": "RS256", "typ": "JWT", "kid": account.key_id}
    claims = {"iss": account.email, "scope": SCOPE, "aud": account.token_url, "iat": at, "exp": at + JWT_SECONDS}
    signed = b".".join(_base64(msgspec.json.encode(part)) for part in (header, claims))
    return b".".join((signed, _base64(account.signature(signed)))).decode()


def identity_of(settings: "GoogleSettings", around: "Surroundings") -> ServiceAccount | Federation:
    """Read who asks. Raises `StorageUnavailable`."""
    path = settings.credentials_file or around.environment.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    if not path:
        raise StorageUnavailable(
            "nobody says who asks for the bucket: set storage.google.credentials_file, or "
            "GOOGLE_APPLICATION_CREDENTIALS, to the key of a service account or a federation"
        )
    try:
        with Path(path).open(encoding="utf-8") as file:
            return parse_identity(file.read(MAX_FILE_BYTES))
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise StorageUnavailable(f"{path} does not say who asks for the bucket: {error}") from None


def lender_of(identity: ServiceAccount | Federation, around: "Surroundings") -> Lender[Bearer]:
    """Choose how tokens are asked for."""
    outbound = Outbound(around.outgoing)
    endpoint = TokenEndpoint(outbound, trusted(identity.token_url))
    if isinstance(identity, ServiceAccount):
        return SignedIdentity(identity, endpoint, around.clock)
    further = identity.impersonation_url
    impersonation = TokenEndpoint(outbound, trusted(further)) if further else None
    return FederatedIdentity(identity, endpoint, impersonation, around.clock)


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
