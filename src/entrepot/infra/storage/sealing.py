# SPDX-License-Identifier: Apache-2.0
"""How an object is encrypted: cut into pieces, each sealed by itself (AES-256-GCM) under the object's own key.

A stored chunk is a nonce of 12 random bytes, 65,508 bytes of content and a tag of
16 bytes: 64 KiB. The last chunk is shorter, and empty where the content is a
multiple of that, so that every size of content has one stored size. The number of
the chunk and whether it is the last are sealed in: chunks can neither be moved,
left out nor taken from another object, whose key is another one.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from entrepot.infra.keys.key_file import ID_LENGTH
from entrepot.infra.storage.interface import SealedKey
from entrepot.kernel.errors import AppError

CHUNK_BYTES = 64 * 1024
"""How much a chunk takes in the store."""

NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES
PIECE_BYTES = CHUNK_BYTES - OVERHEAD_BYTES
"""How much content a chunk holds."""

DATA_KEY_BYTES = 32

_MAGIC = b"entrepot sealed upload 1\n"
STATE_HEAD_BYTES = len(_MAGIC) + ID_LENGTH


class SealBroken(AppError):
    """Bytes are not those that were encrypted."""

    code = "seal_broken"


def stored_size(size: int) -> int:
    """Return how many bytes so much content takes in the store."""
    return size + OVERHEAD_BYTES * (size // PIECE_BYTES + 1)


def content_size(stored: int) -> int:
    """Return how much content an object of that stored size has; no true size if it can be none."""
    chunks, rest = divmod(stored, CHUNK_BYTES)
    return chunks * PIECE_BYTES + rest - OVERHEAD_BYTES


def pieces_of(data: bytes) -> Iterator[bytes]:
    """Cut content into what the chunks of an object hold; the last one is shorter than `PIECE_BYTES`."""
    return (data[start : start + PIECE_BYTES] for start in range(0, len(data) + 1, PIECE_BYTES))


class Sealer:
    """Seals and opens with one key. Its text shows no secret."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes."""
        self._cipher = AESGCM(key)

    def seal(self, content: bytes, about: bytes) -> bytes:
        """Return content sealed together with what it is `about`, which has to be said again to open it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return what `seal` sealed. Raises `SealBroken`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error

    def seal_chunk(self, piece: bytes, number: int) -> bytes:
        """Return the chunk of that number, the last one if the piece is not a full one."""
        return self.seal(piece, _about_chunk(number, is_last=len(piece) < PIECE_BYTES))

    def open_chunk(self, chunk: bytes, number: int) -> bytes:
        """Return the piece that a chunk holds; a short one is the last. Raises `SealBroken`."""
        return self.open(chunk, _about_chunk(number, is_last=len(chunk) < CHUNK_BYTES))

    def seal_rest(self, rest: bytes, number: int) -> bytes:
        """Return the beginning of a piece, sealed to be kept until the piece is full."""
        return self.seal(rest, b"rest %d" % number)

    def open_rest(self, sealed: bytes, number: int) -> bytes:
        """Return what `seal_rest` sealed. Raises `SealBroken`."""
        return self.open(sealed, b"rest %d" % number)


def _about_chunk(number: int, *, is_last: bool) -> bytes:
    return b"chunk %d%s" % (number, b" last" if is_last else b"")


@dataclass(frozen=True, slots=True)
class SealedUpload:
    """What an upload is resumed with: the object's key, and what is not in the store as a full chunk yet.

    `chunks` are there; `rest`, sealed, is the beginning of the next piece; `state` is the store's own.
    """

    sealed_key: SealedKey
    chunks: int = 0
    rest: bytes = b""
    state: bytes = b""


class _Written(msgspec.Struct, frozen=True, array_like=True):
    wrapped: bytes
    chunks: Annotated[int, msgspec.Meta(ge=0)]
    rest: bytes
    state: bytes


def upload_state(upload: SealedUpload) -> bytes:
    """Return the state to record with an upload. Its beginning names the key of the store."""
    written = _Written(upload.sealed_key.wrapped, upload.chunks, upload.rest, upload.state)
    return _MAGIC + upload.sealed_key.key_id.encode("ascii") + msgspec.msgpack.encode(written)


def parse_upload_state(state: bytes) -> SealedUpload | None:
    """Return what `upload_state` wrote; None for the state of an upload that is not encrypted.

    Raises `SealBroken` for what is neither.
    """
    key_id = key_id_of_state(state)
    if key_id is None:
        return None
    try:
        written = msgspec.msgpack.decode(state[STATE_HEAD_BYTES:], type=_Written)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SealBroken("the state of an upload cannot be read") from error
    return SealedUpload(SealedKey(key_id, written.wrapped), written.chunks, written.rest, written.state)


def key_id_of_state(head: bytes) -> str | None:
    """Return which key of the store a state needs whose first `STATE_HEAD_BYTES` these are; None for none."""
    if not head.startswith(_MAGIC):
        return None
    return head[len(_MAGIC) : STATE_HEAD_BYTES].decode("ascii", errors="replace")
