# SPDX-License-Identifier: Apache-2.0
"""Temporary keys for a token of web identity, such as a pod of Kubernetes has (`AssumeRoleWithWebIdentity` of STS)."""

import asyncio
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import Destination
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.answers import error_code
from entrepot.infra.storage.s3.answers import texts
from entrepot.infra.storage.s3.credentials import Lender
from entrepot.infra.storage.s3.credentials import Lent
from entrepot.kernel.clock import Milliseconds

MAX_TOKEN_BYTES = 20_000
SESSION = "entrepot"
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class WebIdentity(Lender[Credentials]):
    """Asks `sts` for keys of a role, each time with the token as the file holds it then."""

    outbound: Outbound
    sts: Destination
    role: str
    token_file: Path
    region: str = field(default="us-east-1")

    async def lend(self) -> Lent[Credentials]:
        """See `Lender`."""
        try:
            token = (await asyncio.to_thread(self._token)).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise StorageUnavailable(f"no token of web identity in {self.token_file}: {reason}") from None
        form = {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": self.role,
            "RoleSessionName": SESSION,
            "WebIdentityToken": token,
        }
        try:
            async with self.outbound.to(self.sts) as peer:
                answer = await peer.ask("POST", "/", urlencode(form).encode(), _HEADERS)
        except OutgoingFailed as error:
            raise StorageUnavailable(f"no keys for the token of web identity: {error.message}") from error
        if not answer.is_success:
            code = error_code(answer.body) or str(answer.status)
            raise StorageUnavailable(f"no keys for the token of web identity: {self.sts.url.host} answers {code}")
        try:
            return parse_lent(answer.body, self.region)
        except ValueError:
            raise StorageUnavailable(f"what {self.sts.url.host} answers holds no keys") from None

    def _token(self) -> str:
        with self.token_file.open(encoding="ascii") as file:
            return file.read(MAX_TOKEN_BYTES)


def parse_lent(body: bytes, region: str) -> Lent[Credentials]:
    """Read the answer of STS. Raises `ValueError`; the message holds nothing of it."""
    try:
        found = texts(body, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        ends = datetime.fromisoformat(found["Expiration"])
        credentials = Credentials(found["AccessKeyId"], found["SecretAccessKey"], region, found["SessionToken"])
        return Lent(credentials, Milliseconds(int(ends.timestamp() * 1000)))
    except (KeyError, ParseError, ValueError, OverflowError):
        raise ValueError("no keys") from None
