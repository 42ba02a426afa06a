# SPDX-License-Identifier: Apache-2.0
"""Hashes that can be saved."""

import ctypes
import hashlib
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.storage.hashing import MAX_STATE_BYTES
from entrepot.infra.storage.hashing import PlainHasher
from entrepot.infra.storage.hashing import SavableHash
from entrepot.infra.storage.hashing import libraries
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.hashing import restore_hasher

ALGORITHMS = ["sha256", "sha512"]
NUMBER_OFFSET_FROM_END = 8


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(pieces=st.lists(st.binary(max_size=300), max_size=8), saved_after=st.sets(st.integers(0, 7)))
def test_a_hash_saved_anywhere_is_the_hash_of_the_whole(
    algorithm: str, pieces: list[bytes], saved_after: set[int]
) -> None:
    """However the bytes are cut and the state is saved, the digest equals that of `hashlib`."""
    hasher = new_hasher(algorithm)
    for number, piece in enumerate(pieces):
        hasher.update(piece)
        if number in saved_after:
            restored = restore_hasher(hasher.state())
            assert restored is not None
            hasher = restored

    assert hasher.hexdigest() == hashlib.new(algorithm, b"".join(pieces)).hexdigest()
    assert hasher.algorithm == algorithm


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_asking_for_the_digest_changes_nothing(algorithm: str) -> None:
    """A digest may be asked for at any time, and more may follow."""
    hasher = new_hasher(algorithm)
    hasher.update(b"one")
    digests = [hasher.hexdigest(), hasher.hexdigest()]
    hasher.update(memoryview(b"two"))

    assert digests == [hashlib.new(algorithm, b"one").hexdigest()] * 2
    assert hasher.hexdigest() == hashlib.new(algorithm, b"onetwo").hexdigest()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_state_is_small(algorithm: str) -> None:
    """A saved state fits a column of a table."""
    assert 0 < len(new_hasher(algorithm).state()) <= MAX_STATE_BYTES


def test_another_process_restores_the_state() -> None:
    """A state outlives its process, as long as the machine runs."""
    hasher = new_hasher("sha256")
    hasher.update(b"one")
    program = (
        "import sys; from entrepot.infra.storage.hashing import restore_hasher as restore; "
        "hasher = restore(bytes.fromhex(sys.argv[1])); hasher.update(b'two'); print(hasher.hexdigest())"
    )

    command = (sys.executable, "-c", program, hasher.state().hex())
    digest = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert digest == hashlib.sha256(b"onetwo").hexdigest()


@pytest.mark.parametrize("part", range(4))
def test_a_state_from_elsewhere_is_refused(part: int) -> None:
    """Another implementation, version, algorithm or machine makes a state that nobody restores."""
    tag, _, context = new_hasher("sha256").state().partition(b"\n")
    parts = tag.split(b"|")
    parts[part] = b"other"

    assert restore_hasher(b"|".join(parts) + b"\n" + context) is None


@pytest.mark.parametrize("length", [0, 1, 50, 150, -1])
def test_a_mutilated_state_is_refused(length: int) -> None:
    """A state that lacks bytes is refused, and so is the empty one."""
    assert restore_hasher(new_hasher("sha256").state()[:length]) is None


def test_a_state_with_too_many_bytes_is_refused() -> None:
    """A state is exactly as long as the context."""
    assert restore_hasher(new_hasher("sha512").state() + b"\0") is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("fill", [128, 2**31, 2**32 - 1])
def test_a_fill_level_outside_the_block_is_refused(algorithm: str, fill: int) -> None:
    """The library uses the fill level as an index: one that it cannot have written is refused."""
    state = new_hasher(algorithm).state()
    cut = len(state) - NUMBER_OFFSET_FROM_END
    forged = state[:cut] + fill.to_bytes(4, sys.byteorder) + state[cut + 4 :]

    assert restore_hasher(forged) is None


def test_an_unknown_algorithm_is_refused() -> None:
    """Only algorithms of digests can be asked for."""
    with pytest.raises(ValueError, match="no digest uses 'md5'"):
        new_hasher("md5")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_plain_hashing_has_no_state(algorithm: str) -> None:
    """Where nothing can be saved, digests are right and the state is empty."""
    hasher = PlainHasher(algorithm)
    hasher.update(b"one")
    hasher.update(memoryview(b"two"))

    assert hasher.hexdigest() == hashlib.new(algorithm, b"onetwo").hexdigest()
    assert restore_hasher(hasher.state()) is None


CONTEXT_BYTES = 112
Update = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class StandInLibrary:
    """A libcrypto with another `SHA256_Update`, which is given the context, the data and its length."""

    def __init__(self, update: Callable[[int, int, int], int]) -> None:
        real = next(libraries())
        self.SHA256_Init = real.SHA256_Init
        self.SHA256_Final = real.SHA256_Final
        self.SHA256_Update = Update(update)


def ignore(_context: int, _data: int, _length: int) -> int:
    """Hash nothing."""
    return 1


def overrun(context: int, data: int, length: int) -> int:
    """Hash rightly, and write behind the context as well."""
    library = next(libraries())
    library.SHA256_Update.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    ctypes.memset(context + CONTEXT_BYTES, 0, 1)
    return int(library.SHA256_Update(context, data, length))


@pytest.mark.parametrize("update", [ignore, overrun])
def test_a_library_that_fails_its_test_is_not_used(update: Callable[[int, int, int], int]) -> None:
    """The self-test finds wrong digests, and a context that is larger than this module believes."""
    kind = SavableHash(StandInLibrary(update), "stand-in 1", "sha256")  # type: ignore[arg-type]

    assert not kind.passes_self_test()


def test_the_library_that_is_used_has_passed_its_test() -> None:
    """The same test, done as those above, succeeds with the library itself."""
    assert SavableHash(next(libraries()), "real 1", "sha256").passes_self_test()
