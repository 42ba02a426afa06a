# SPDX-License-Identifier: Apache-2.0
"""Manifest bytes in memory, by digest: they never change, so they are never stale."""

from collections import OrderedDict

from entrepot.oci.digest import Digest


class ManifestCache:
    """The most recently used manifests, up to a number of bytes.

    It answers what a manifest says, never whether someone may read it or whether
    a repository has it: that is asked of the database in every request.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._size_bytes = 0
        self._entries: OrderedDict[Digest, bytes] = OrderedDict()

    def get(self, digest: Digest) -> bytes | None:
        """Return the bytes if they are in memory."""
        payload = self._entries.get(digest)
        if payload is not None:
            self._entries.move_to_end(digest)
        return payload

    def put(self, digest: Digest, payload: bytes) -> None:
        """Keep bytes whose digest was verified; the least recently used go when room is short."""
        if len(payload) > self._limit_bytes // 8 or digest in self._entries:
            return
        self._entries[digest] = payload
        self._size_bytes += len(payload)
        while self._size_bytes > self._limit_bytes:
            _, dropped = self._entries.popitem(last=False)
            self._size_bytes -= len(dropped)
