# SPDX-License-Identifier: Apache-2.0
"""Asks an S3 whatever a test wants to ask, well signed unless the test says otherwise."""

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.kernel.clock import system_clock
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.accounts import Account
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.server import REGION

SECONDS = 10.0
"""How long one waits for an answer that should come at once."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return what each element of a name holds."""
        return [unescape(found) for found in re.findall(f"<{name}>([^<]*)</{name}>", self.body.decode())]

    def one(self, name: str) -> str:
        """Return what the first element of a name holds; nothing where there is none."""
        return next(iter(self.all(name)), "")


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks for an account to the S3 at a URL, about one bucket of it."""

    url: str
    account: Account = OWNER
    region: str = REGION
    bucket: str = BUCKET
    seconds: float = SECONDS

    @property
    def authority(self) -> str:
        """The host and the port."""
        return self.url.partition("://")[2]

    def ask(
        self, method: str, key: str = "", query: Query = (), body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Send a signed request about a key, or about the bucket without one."""
        target, own = self.sign(method, key, query, body, headers)
        return self.send(method, target, body, own)

    def sign(
        self, method: str, key: str = "", query: Query = (), body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[str, dict[str, str]]:
        """Return the target and the headers of a signed request."""
        path = f"/{self.bucket}/{key}" if key else f"/{self.bucket}"
        own = {"host": self.authority, **(headers or {})}
        if self.account.token:
            own["x-amz-security-token"] = self.account.token
        by = Credentials(self.account.key_id, self.account.secret, self.region)
        added = signed(Signable(method, path, query, own, body), by, system_clock())
        return f"{encoded_path(path)}?{encoded_query(query)}".removesuffix("?"), own | added

    def send(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        """Send a request as it is."""
        connection = http.client.HTTPConnection(self.authority, timeout=self.seconds)
        try:
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answered(response.status, received, response.read())
        finally:
            connection.close()

    def create(self, key: str, headers: Mapping[str, str] | None = None) -> str:
        """Begin an upload, and return its id."""
        return self.ask("POST", key, (("uploads", ""),), headers=headers).one("UploadId")

    def upload(self, key: str, upload: str, number: int, body: bytes) -> str:
        """Send a part, and return its ETag."""
        answered = self.ask("PUT", key, (("partNumber", str(number)), ("uploadId", upload)), body)
        return answered.headers.get("etag", "")

    def complete(
        self, key: str, upload: str, etags: Mapping[int, str], headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Complete an upload of these parts, in the order in which they are given."""
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in etags.items()
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        return self.ask("POST", key, (("uploadId", upload),), body, headers)
