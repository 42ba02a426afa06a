# SPDX-License-Identifier: Apache-2.0
"""Requests that write to a bucket of Google: its XML API is the protocol of S3, with other headers and tokens."""

from dataclasses import dataclass

from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.storage.s3.bearer import Bearer
from entrepot.infra.storage.s3.client import S3Client
from entrepot.infra.storage.s3.requests import Body
from entrepot.infra.storage.s3.sending import Signed
from entrepot.kernel.clock import Milliseconds


def with_token(request: Signable, keys: Bearer, at: Milliseconds) -> Signed:  # noqa: ARG001 - others sign these
    """Return what a request has besides, so that Google knows who asks."""
    return Signed({"Authorization": f"Bearer {keys.token}"})


@dataclass(slots=True)
class GoogleClient(S3Client):
    """Sends requests to one bucket."""

    headers: str = "x-goog-"

    def _checksum(self, body: Body) -> dict[str, str]:
        return {"Content-MD5": body.md5} if self.has_checksums else {}

    def _hash(self, body: Body | None) -> str:
        return ""

    def _if_new(self) -> dict[str, str]:
        return {"x-goog-if-generation-match": "0"}

    def _in_parts(self) -> dict[str, str]:
        return {}
