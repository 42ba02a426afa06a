# SPDX-License-Identifier: Apache-2.0
"""Reading an object as it is stored while its content is compared with its digest."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.opening import opened
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.sealing import Sealer
from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of

INLINE_HASH_BYTES = 64 * 1024
"""Up to this many bytes are hashed in the event loop."""


async def verified(stored: AsyncIterator[bytes], digest: Digest, sealer: Sealer | None) -> AsyncIterator[bytes]:
    """Yield what is stored, which `sealer` opens, or which is the content itself where that is None.

    Raises `ObjectDamaged`, at the latest once all but the end of it was yielded, unless the content has this digest.
    """
    algorithm = algorithm_of(digest)
    hasher = new_hasher(algorithm if algorithm in ALGORITHMS else "sha256")
    passed: deque[bytes] = deque()

    async def noted() -> AsyncIterator[bytes]:
        async for chunk in stored:
            passed.append(chunk)
            yield chunk

    try:
        async for content in noted() if sealer is None else opened(noted(), sealer, 0):
            if len(content) <= INLINE_HASH_BYTES:
                hasher.update(content)
            else:
                await asyncio.to_thread(hasher.update, content)
            while len(passed) > 1:
                yield passed.popleft()
    except SealBroken as error:
        raise ObjectDamaged("it cannot be opened with its key") from error
    actual = f"{hasher.algorithm}:{hasher.hexdigest()}"
    if actual != digest:
        raise ObjectDamaged(f"its content has the digest {actual}")
    while passed:
        yield passed.popleft()
