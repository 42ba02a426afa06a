# SPDX-License-Identifier: Apache-2.0
"""Sending clients to the bucket itself for the bytes of large blobs: which networks, and to which of its addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from entrepot.infra.storage.interface import STREAMED_BYTES
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.settings import Way


class Signing(Protocol):
    """What knows a bucket by one of its addresses."""

    async def signed_url(self, key: str, seconds: int) -> str:
        """Return an address at which anybody may read an object for so long."""


@dataclass(frozen=True, slots=True)
class Redirects:
    """Signs addresses of the bucket, each with what knows it by that address."""

    settings: RedirectSettings
    signing: Mapping[Way, Signing]

    async def url(self, key: str, size: int, address: str) -> str | None:
        """Return where a client gets `size` bytes of an object; None when it gets them from here."""
        if size <= STREAMED_BYTES or not self.settings.are_on:
            return None
        signing = self.signing.get(self.settings.way_to(address))
        return None if signing is None else await signing.signed_url(key, self.settings.seconds)
