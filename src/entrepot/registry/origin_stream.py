# SPDX-License-Identifier: Apache-2.0
"""Passing on bytes that somebody else sends: all of them and the right ones, or an error."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.hashing import new_hasher
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import encoded_of


class OriginBroken(AppError):
    """The upstream sent something else than it was asked for."""

    code = "origin_broken"
    status = 502


async def verified(chunks: AsyncIterator[bytes], digest: Digest, size: int) -> AsyncIterator[bytes]:
    """Yield `chunks`, the last one only after size and digest have proved right.

    Raises `OriginBroken` otherwise: the response then ends in an error, never in
    a body that looks complete.
    """
    hasher = new_hasher(algorithm_of(digest))
    received = 0
    held = b""
    async for chunk in chunks:
        received += len(chunk)
        if received > size:
            raise OriginBroken(f"the upstream sent more than the {size} bytes it announced")
        hasher.update(chunk)
        if held:
            yield held
        held = chunk
    if received != size or hasher.hexdigest() != encoded_of(digest):
        raise OriginBroken(f"the upstream sent {received} bytes that are not {digest}")
    if held:
        yield held
