# SPDX-License-Identifier: Apache-2.0
"""The running digests of an upload, kept between requests."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Sequence

import msgspec

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import HashState
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.hashing import restore_hasher
from entrepot.infra.storage.hashing import snapshot
from entrepot.oci.digest import Digest


class _Saved(msgspec.Struct, array_like=True):
    """What is stored: by algorithm a hasher's state and the digest it stands for; and on what the bytes depend."""

    states: dict[str, bytes]
    digests: dict[str, str]
    continuity: str = ""


def saved_hashes(hashes: Iterable[HashState], continuity: str) -> bytes:
    """Return what to store with an upload whose bytes are certain to be there while `continuity` is the same."""
    states = {each.algorithm: each.state for each in hashes}
    return msgspec.msgpack.encode(_Saved(states, {each.algorithm: each.hexdigest for each in hashes}, continuity))


class UploadHashes:
    """One hasher per algorithm, all fed with the same bytes.

    sha256 always runs along; another algorithm does when the client announced it.
    """

    def __init__(self, hashers: dict[str, Hasher]) -> None:
        self._hashers = hashers

    @classmethod
    def start(cls, algorithm: str) -> "UploadHashes":
        """Begin at offset 0."""
        return cls({name: new_hasher(name) for name in dict.fromkeys(("sha256", algorithm))})

    @classmethod
    def restore(cls, saved: bytes, continuity: str) -> "UploadHashes | None":
        """Go on where `save` stopped; None when the bytes have to be read again."""
        found = msgspec.msgpack.decode(saved, type=_Saved)
        if found.continuity != continuity:
            return None
        hashers: dict[str, Hasher] = {}
        for name, state in found.states.items():
            hasher = restore_hasher(state)
            if hasher is None:
                return None
            hashers[name] = hasher
        return cls(hashers)

    @classmethod
    async def recompute(cls, saved: bytes, chunks: AsyncIterator[bytes]) -> "UploadHashes | None":
        """Read the bytes again; None when they are not those that were acknowledged."""
        expected = msgspec.msgpack.decode(saved, type=_Saved).digests
        hashes = cls({name: new_hasher(name) for name in expected})
        async for chunk in chunks:
            for hasher in hashes.hashers:
                await asyncio.to_thread(hasher.update, chunk)
        return hashes if hashes._digests() == expected else None

    @property
    def hashers(self) -> Sequence[Hasher]:
        """What a writer feeds with the bytes it takes."""
        return tuple(self._hashers.values())

    def save(self, continuity: str) -> bytes:
        """Return the state to store with the upload, see `saved_hashes`."""
        return saved_hashes(snapshot(self.hashers), continuity)

    def digest(self, algorithm: str) -> Digest | None:
        """Return the digest of all bytes so far; None when nobody hashed with that algorithm."""
        hasher = self._hashers.get(algorithm)
        return None if hasher is None else Digest(f"{algorithm}:{hasher.hexdigest()}")

    def _digests(self) -> dict[str, str]:
        return {name: hasher.hexdigest() for name, hasher in self._hashers.items()}
