# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of an unfinished upload are in a bucket, as it is kept with the session between requests.

The bytes are, in this order: an object (`base_bytes` of what is under the key itself), or the parts of an upload in
parts; then a tail, an object of its own. At most one of the first two is there.
"""

import msgspec
from msgspec.structs import replace

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.kernel.identifiers import new_ulid

MIB = 1024 * 1024
PART_BYTES = 16 * MIB
UNKNOWN_PART_BYTES = 32 * MIB
MAX_PARTS = 10_000
AIMED_PARTS = 9_000
MIN_PART_BYTES = 5 * MIB
"""What S3 asks of every part but the last."""

TAILS = "uploads/"


class State(msgspec.Struct, array_like=True, frozen=True):
    """How an upload can be continued. `version` is that of this layout."""

    version: int = 1
    part_bytes: int = 0
    base_bytes: int = 0
    upload_id: str = ""
    parts: list[StoredPart] = []
    parts_bytes: int = 0
    last_part_bytes: int = 0
    tail: str = ""
    tail_bytes: int = 0
    comes_in_chunks: bool = False
    tail_sha256: str = ""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.base_bytes + self.parts_bytes + self.tail_bytes

    def as_object(self) -> "State":
        """Return the state once the parts have been completed."""
        return replace(self, base_bytes=self.parts_bytes, upload_id="", parts=[], parts_bytes=0, last_part_bytes=0)


def parse_state(state: bytes) -> State:
    """Read what `encoded` wrote. Raises `UploadLost` for anything else."""
    if not state:
        return State()
    try:
        found = msgspec.msgpack.decode(state, type=State)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = State(version=0)
    counts = (found.part_bytes, found.base_bytes, found.parts_bytes, found.last_part_bytes, found.tail_bytes)
    if found.version != 1 or min(counts) < 0 or len(found.parts) > MAX_PARTS:
        raise UploadLost("this upload was begun by another version of the server; start it again")
    return found


def encoded(state: State) -> bytes:
    """Return a state as it is stored."""
    return msgspec.msgpack.encode(state)


def tail_name(key: ObjectKey) -> str:
    """Name an object for the last bytes of an unfinished upload that will be `key`: no other has this name."""
    return f"{TAILS}{key.rpartition('/')[2]}/{new_ulid()}"


def key_of_tail(name: str) -> ObjectKey:
    """Return the key that the upload of a tail will have; no upload has it when the name is not one of ours."""
    ulid = name.removeprefix(TAILS).partition("/")[0]
    return ObjectKey(f"objects/{ulid[-2:]}/{ulid}")
