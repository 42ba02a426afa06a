# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of an unfinished upload are in a bucket, as it is kept with the session between requests.

The bytes are, in this order: the parts of an upload in parts, if there is one; then pieces, each an object.
"""

from collections.abc import Sequence

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
MAX_PIECES = 64
"""More than sizes can be doubled."""
MIN_PART_BYTES = 5 * MIB
"""What S3 asks of every part but the last."""

PIECES = "uploads/"
VERSION = 2


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """The first `size` bytes of an object: of that under the upload's own key, where there is no `name`."""

    name: str
    size: int
    sha256: str = ""
    """In hex, of these bytes; empty where nobody knows."""
    is_cut: bool = False
    """Whether the object has more bytes than these."""


class State(msgspec.Struct, array_like=True, frozen=True):
    """How an upload can be continued. `version` is that of this layout."""

    version: int = VERSION
    part_bytes: int = 0
    upload_id: str = ""
    parts: list[StoredPart] = []
    parts_bytes: int = 0
    last_part_bytes: int = 0
    pieces: list[Piece] = []
    comes_in_chunks: bool = False

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.parts_bytes + size_of(self.pieces)

    @property
    def is_object(self) -> bool:
        """Tell whether what is under the key is all that there is, and nothing else."""
        return not self.upload_id and [(each.name, each.is_cut) for each in self.pieces] == [("", False)]

    def as_object(self) -> "State":
        """Return the state once the parts have been completed."""
        pieces = [Piece("", self.parts_bytes), *self.pieces]
        return replace(self, upload_id="", parts=[], parts_bytes=0, last_part_bytes=0, pieces=pieces)

    def cut(self, offset: int) -> "State | None":
        """Return the state of the first `offset` bytes; None when there are fewer, or they end in a part."""
        if offset == self.size:
            return self
        if offset > self.size or offset < self.parts_bytes:
            return None
        kept, missing = [], offset - self.parts_bytes
        for piece in self.pieces:
            if missing > 0:
                whole = piece.size <= missing
                kept.append(piece if whole else replace(piece, size=missing, sha256="", is_cut=True))
            missing -= piece.size
        return replace(self, pieces=kept)


def size_of(pieces: Sequence[Piece]) -> int:
    """Return how many bytes pieces have together."""
    return sum(piece.size for piece in pieces)


def first_to_join(pieces: Sequence[Piece], size: int) -> int:
    """Return from which piece on they are stored anew together with `size` bytes that follow them.

    A piece is, once at least as many bytes follow it. So each is about twice what follows, there are as many as the
    binary digits of what they have together, and so often is a byte stored at most, however small the chunks are.
    """
    for number, piece in enumerate(pieces):
        if piece.size <= size_of(pieces[number + 1 :]) + size:
            return number
    return len(pieces)


def parse_state(state: bytes) -> State:
    """Read what `encoded` wrote. Raises `UploadLost` for anything else."""
    if not state:
        return State()
    try:
        found = msgspec.msgpack.decode(state, type=State)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = State(version=0)
    sizes = (found.part_bytes, found.parts_bytes, found.last_part_bytes, *(piece.size for piece in found.pieces))
    if found.version != VERSION or min(sizes) < 0 or len(found.parts) > MAX_PARTS or len(found.pieces) > MAX_PIECES:
        raise UploadLost("this upload was begun by another version of the server; start it again")
    return found


def encoded(state: State) -> bytes:
    """Return a state as it is stored."""
    return msgspec.msgpack.encode(state)


def piece_name(key: ObjectKey) -> str:
    """Name an object for some bytes of an unfinished upload that will be `key`: no other has this name."""
    return f"{PIECES}{key.rpartition('/')[2]}/{new_ulid()}"


def key_of_piece(name: str) -> ObjectKey:
    """Return the key that the upload of a piece will have; no upload has it when the name is not one of ours."""
    ulid = name.removeprefix(PIECES).partition("/")[0]
    return ObjectKey(f"objects/{ulid[-2:]}/{ulid}")
