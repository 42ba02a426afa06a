# SPDX-License-Identifier: Apache-2.0
"""How content is cut into sealed chunks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.sealing import CHUNK_BYTES
from entrepot.infra.storage.sealing import OVERHEAD_BYTES
from entrepot.infra.storage.sealing import PIECE_BYTES
from entrepot.infra.storage.sealing import STATE_HEAD_BYTES
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.sealing import SealedUpload
from entrepot.infra.storage.sealing import Sealer
from entrepot.infra.storage.sealing import content_size
from entrepot.infra.storage.sealing import key_id_of_state
from entrepot.infra.storage.sealing import parse_upload_state
from entrepot.infra.storage.sealing import pieces_of
from entrepot.infra.storage.sealing import stored_size
from entrepot.infra.storage.sealing import upload_state

SEALER = Sealer(b"k" * 32)
SEALED_KEY = SealedKey("0123456789abcdef", b"wrapped")
MAGIC = upload_state(SealedUpload(SEALED_KEY, 0, b"", b""))[: STATE_HEAD_BYTES - len("0123456789abcdef")]


@given(st.integers(0, 2**50))
def test_each_size_of_content_has_one_stored_size(size: int) -> None:
    """From one the other follows, and a stored object never ends with a full chunk."""
    stored = stored_size(size)

    assert content_size(stored) == size
    assert stored % CHUNK_BYTES >= OVERHEAD_BYTES


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_the_chunks_of_an_object_add_up_to_its_stored_size(size: int) -> None:
    """Pieces are full but for the last, which may be empty, and seal to what `stored_size` says."""
    pieces = list(pieces_of(b"x" * size))

    assert sum(map(len, pieces)) == size
    assert {len(piece) for piece in pieces[:-1]} <= {PIECE_BYTES}
    assert len(pieces[-1]) < PIECE_BYTES
    assert sum(len(SEALER.seal_chunk(piece, 0)) for piece in pieces) == stored_size(size)


@given(content=st.binary(max_size=64), bit=st.integers(0, 10_000))
def test_no_bit_of_a_chunk_can_be_turned(content: bytes, bit: int) -> None:
    """Whatever bit changes, of nonce, content or tag, the chunk does not open."""
    chunk = bytearray(SEALER.seal_chunk(content, 7))
    chunk[bit // 8 % len(chunk)] ^= 1 << bit % 8

    with pytest.raises(SealBroken):
        SEALER.open_chunk(bytes(chunk), 7)


def test_a_chunk_stays_in_its_place() -> None:
    """It opens neither at another place, nor cut short, nor with the key of another object, nor as a rest."""
    chunk = SEALER.seal_chunk(b"x" * PIECE_BYTES, 7)

    assert SEALER.open_chunk(chunk, 7) == b"x" * PIECE_BYTES
    for sealer, sealed, number in ((SEALER, chunk, 8), (SEALER, chunk[:-1], 7), (Sealer(b"l" * 32), chunk, 7)):
        with pytest.raises(SealBroken):
            sealer.open_chunk(sealed, number)
    with pytest.raises(SealBroken):
        SEALER.open_rest(chunk, 7)


def test_a_full_chunk_never_passes_for_the_last() -> None:
    """What was sealed as the last chunk is not taken for one in the middle, and the other way round."""
    with pytest.raises(SealBroken):
        SEALER.open(SEALER.seal_chunk(b"x" * PIECE_BYTES, 7), b"chunk 7 last")


def test_the_same_content_is_sealed_differently_each_time() -> None:
    """Bytes that are sent again after an interruption use no nonce twice."""
    sealed = {SEALER.seal_chunk(b"content", 0) for _ in range(100)}

    assert len({each[:12] for each in sealed}) == 100


@given(chunks=st.integers(0, 2**40), rest=st.binary(max_size=100), state=st.binary(max_size=100), wrapped=st.binary())
def test_a_state_is_read_as_it_was_written(chunks: int, rest: bytes, state: bytes, wrapped: bytes) -> None:
    """The state of an upload comes back, and its beginning tells which key it needs."""
    upload = SealedUpload(SealedKey("0123456789abcdef", wrapped), chunks, rest, state)
    written = upload_state(upload)

    assert parse_upload_state(written) == upload
    assert key_id_of_state(written[:STATE_HEAD_BYTES]) == "0123456789abcdef"


@given(st.binary(max_size=200).filter(lambda state: not state.startswith(MAGIC)))
def test_the_state_of_another_storage_is_left_alone(state: bytes) -> None:
    """An upload that is not encrypted is known by its state."""
    assert parse_upload_state(state) is None
    assert key_id_of_state(state) is None


@given(st.binary(max_size=200), st.integers(0, 100))
def test_a_damaged_state_is_told(noise: bytes, kept: int) -> None:
    """What begins as a state of ours is one, or raises `SealBroken` and nothing else."""
    written = upload_state(SealedUpload(SEALED_KEY, 3, b"rest", b"state"))
    damaged = written[: max(STATE_HEAD_BYTES, kept)] + noise

    with suppress(SealBroken):
        assert parse_upload_state(damaged) is not None
