# SPDX-License-Identifier: Apache-2.0
"""Addresses of objects that are good for a while, signed with the key of a service account (V4, `GOOG4-RSA-SHA256`)."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from entrepot.infra.http.outbound.sigv4 import UNSIGNED
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.storage.google.identity import ServiceAccount
from entrepot.infra.storage.s3.sending import Address
from entrepot.kernel.clock import Clock

ALGORITHM = "GOOG4-RSA-SHA256"


@dataclass(frozen=True, slots=True)
class SignedUrls:
    """Signs addresses of one bucket, as it is reached by one address."""

    account: ServiceAccount
    address: Address
    clock: Clock

    async def signed_url(self, key: str, seconds: int) -> str:
        """Return an address at which anybody may read an object for so long."""
        moment = datetime.fromtimestamp(self.clock() / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/auto/storage/goog4_request"
        path = encoded_path(self.address.path(key))
        query = encoded_query(
            (
                ("X-Goog-Algorithm", ALGORITHM),
                ("X-Goog-Credential", f"{self.account.email}/{scope}"),
                ("X-Goog-Date", moment),
                ("X-Goog-Expires", str(seconds)),
                ("X-Goog-SignedHeaders", "host"),
            )
        )
        canonical = f"GET\n{path}\n{query}\nhost:{self.address.host}\n\nhost\n{UNSIGNED}"
        to_sign = f"{ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = await asyncio.to_thread(self.account.signature, to_sign.encode())
        return f"{self.address.origin}{path}?{query}&X-Goog-Signature={signature.hex()}"
