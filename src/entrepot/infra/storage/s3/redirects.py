# SPDX-License-Identifier: Apache-2.0
"""Sending clients to the bucket itself for the bytes of large blobs: which networks, and to which of its addresses."""

from dataclasses import dataclass

from entrepot.infra.storage.interface import STREAMED_BYTES
from entrepot.infra.storage.s3.reading import S3Reader
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.settings import Way


@dataclass(frozen=True, slots=True)
class Redirects:
    """Signs addresses of the bucket, each with the reader that knows it by that address."""

    settings: RedirectSettings
    readers: dict[Way, S3Reader]

    async def url(self, key: str, size: int, address: str) -> str | None:
        """Return where a client gets `size` bytes of an object; None when it gets them from here."""
        if size <= STREAMED_BYTES or not self.settings.are_on:
            return None
        reader = self.readers.get(self.settings.way_to(address))
        return None if reader is None else await reader.signed_url(key, self.settings.seconds)
