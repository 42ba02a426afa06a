# SPDX-License-Identifier: Apache-2.0
"""The keys of objects that another registry wrote: read, sent and deleted like any other, and never written.

    docker/registry/v2/blobs/<algorithm>/<xx>/<hex>/data    where the CNCF distribution keeps a blob
    objects/<xx>/<algorithm>-<hex>                          where a copy of it is kept by Entrepot

A copy is made for a backup, or from one where the tree is gone. `<xx>` is the first two characters of the
digest in the tree, and the last two in a key of our own, as ever.
"""

import re

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import encoded_of

TREE = "docker/registry/v2/"
"""What everything begins with that the CNCF distribution keeps."""

_KEY = re.compile(
    rf"{TREE}blobs/(?:sha256/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})|sha512/([0-9a-f]{{2}})/(\3[0-9a-f]{{126}}))/data"
)
_COPY = re.compile(r"sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128}")


def adopted_key(digest: Digest) -> ObjectKey:
    """Return where a tree keeps the blob of that digest."""
    encoded = encoded_of(digest)
    return ObjectKey(f"{TREE}blobs/{algorithm_of(digest)}/{encoded[:2]}/{encoded}/data")


def is_adopted(key: str) -> bool:
    """Tell whether a key is that of a blob in a tree."""
    return key.startswith(TREE) and _KEY.fullmatch(key) is not None


def require_own(key: ObjectKey) -> None:
    """Raise `StorageError` for a key that nobody may write."""
    if key.startswith(TREE):
        raise StorageError("an object that another registry wrote is never written")


def is_copy(name: str) -> bool:
    """Tell whether the last part of a key is that of a copy."""
    return _COPY.fullmatch(name) is not None


def own_key(key: ObjectKey) -> ObjectKey:
    """Return where a copy of the object is kept: of an adopted one elsewhere, of any other under its own key."""
    if not is_adopted(key):
        return key
    _, _, _, _, algorithm, _, encoded, _ = key.split("/")
    return ObjectKey(f"objects/{encoded[-2:]}/{algorithm}-{encoded}")


def original_key(key: ObjectKey) -> ObjectKey:
    """Return the key of the adopted object that this would be the copy of; any other key is its own."""
    name = key.rpartition("/")[2]
    algorithm, _, encoded = name.partition("-")
    return adopted_key(Digest(f"{algorithm}:{encoded}")) if is_copy(name) else key
