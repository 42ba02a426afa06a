# SPDX-License-Identifier: Apache-2.0
"""Streaming SHA-256 and SHA-512 whose progress can be saved and taken up again.

`hashlib` cannot save a half-finished hash. The library behind it can: its
`SHA256_CTX` and `SHA512_CTX` are plain structures (OpenSSL's `sha.h`), so this
module calls that very library through ctypes. When it is imported it tests that
against `hashlib`, cut and restored at odd places; where that fails, or where
Python was built without a shared libcrypto, plain `hashlib` is used and nothing
can be saved.

A saved state begins with one line of text that says who may restore it: the
implementation with its version, the algorithm, and the machine's architecture.
Whoever saves it says besides on what the bytes depend that it vouches for: those
that were only handed to the kernel are in doubt after a reboot (`boot_identity`).
"""

import ctypes
import ctypes.util
import hashlib
import platform
import secrets
import sys
from abc import ABC
from abc import abstractmethod
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MAX_STATE_BYTES = 1024

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PROCESS_ID = f"process {secrets.token_hex(8)}"
_CANARY = b"\xa5" * 64
_ALGORITHMS = ("sha256", "sha512")


class Hasher(ABC):
    """A hash in the making. Used by one thread at a time.

    `algorithm` is the name that OCI digests use: `sha256` or `sha512`.
    """

    algorithm: str

    @abstractmethod
    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes. Lets other threads run meanwhile."""

    @abstractmethod
    def hexdigest(self) -> str:
        """Return the digest of everything so far, in lower-case hex. More may follow."""

    @abstractmethod
    def state(self) -> bytes:
        """Return what `restore_hasher` needs, at most 1 KiB; empty when this cannot be saved."""


@dataclass(frozen=True, slots=True)
class HashState:
    """A hash at some offset: how to go on with it (empty when it cannot be saved), and the digest there in hex."""

    algorithm: str
    state: bytes
    hexdigest: str


def snapshot(hashers: Iterable[Hasher]) -> tuple[HashState, ...]:
    """Return where the hashes stand."""
    return tuple(HashState(each.algorithm, each.state(), each.hexdigest()) for each in hashers)


class PlainHasher(Hasher):
    """`hashlib`, which cannot be saved."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self._hash = hashlib.new(algorithm)

    def update(self, data: bytes | memoryview) -> None:
        """See `Hasher`."""
        self._hash.update(data)

    def hexdigest(self) -> str:
        """See `Hasher`."""
        return self._hash.hexdigest()

    def state(self) -> bytes:
        """See `Hasher`."""
        return b""


class _Sha256Context(ctypes.Structure):
    _fields_ = (
        ("h", ctypes.c_uint32 * 8),
        ("Nl", ctypes.c_uint32),
        ("Nh", ctypes.c_uint32),
        ("data", ctypes.c_uint32 * 16),
        ("num", ctypes.c_uint),
        ("md_len", ctypes.c_uint),
    )


class _Sha512Context(ctypes.Structure):
    _fields_ = (
        ("h", ctypes.c_uint64 * 8),
        ("Nl", ctypes.c_uint64),
        ("Nh", ctypes.c_uint64),
        ("data", ctypes.c_uint64 * 16),
        ("num", ctypes.c_uint),
        ("md_len", ctypes.c_uint),
    )


class SavableHash:
    """One algorithm of one libcrypto: its functions and the layout of its context."""

    def __init__(self, library: ctypes.CDLL, version: str, algorithm: str) -> None:
        """Raise `AttributeError` when the library lacks a function."""
        self.algorithm = algorithm
        self.context = {"sha256": _Sha256Context, "sha512": _Sha512Context}[algorithm]
        self.digest_bytes = hashlib.new(algorithm).digest_size
        prefix = algorithm.upper()
        self.init = getattr(library, f"{prefix}_Init")
        self.init.argtypes = (ctypes.c_void_p,)
        self.update = getattr(library, f"{prefix}_Update")
        self.update.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
        self.final = getattr(library, f"{prefix}_Final")
        self.final.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
        machine = f"{platform.machine()}-{sys.byteorder}"
        self.tag = f"libcrypto 2|{version}|{algorithm}|{machine}\n".encode()

    def restore(self, state: bytes) -> "SavableHasher | None":
        """Return the hasher whose state this is, or None when it is not for this library."""
        if not state.startswith(self.tag) or len(state) != len(self.tag) + ctypes.sizeof(self.context):
            return None
        hasher = SavableHasher(self, state[len(self.tag) :])
        return hasher if hasher.is_sound() else None

    def passes_self_test(self) -> bool:
        """Tell whether cut and restored hashes equal those of `hashlib`, and nothing writes past the context."""
        data = bytes(number * 7 % 251 for number in range(1000))
        for cut in (0, 1, 55, 63, 64, 65, 127, 128, 129, 500, 1000):
            first = SavableHasher(self)
            first.update(data[:cut])
            second = self.restore(first.state())
            if second is None:
                return False
            second.update(memoryview(data)[cut:])
            is_equal = second.hexdigest() == hashlib.new(self.algorithm, data).hexdigest()
            if not is_equal or first.hexdigest() != hashlib.new(self.algorithm, data[:cut]).hexdigest():
                return False
            if not (first.is_sound() and second.is_sound()):
                return False
        return True


class SavableHasher(Hasher):
    """A hash kept in a libcrypto context."""

    def __init__(self, kind: SavableHash, context: bytes = b"") -> None:
        self.algorithm = kind.algorithm
        self._kind = kind
        self._size = ctypes.sizeof(kind.context)
        self._buffer = ctypes.create_string_buffer(
            context.ljust(self._size, b"\0") + _CANARY, self._size + len(_CANARY)
        )
        self._address = ctypes.addressof(self._buffer)
        if not context:
            kind.init(self._address)

    def update(self, data: bytes | memoryview) -> None:
        """See `Hasher`."""
        self._kind.update(self._address, bytes(data), len(data))

    def hexdigest(self) -> str:
        """See `Hasher`."""
        digest = ctypes.create_string_buffer(self._kind.digest_bytes)
        copy = ctypes.create_string_buffer(self._buffer.raw, len(self._buffer))
        self._kind.final(digest, ctypes.addressof(copy))
        return digest.raw.hex()

    def state(self) -> bytes:
        """See `Hasher`."""
        return self._kind.tag + self._buffer.raw[: self._size]

    def is_sound(self) -> bool:
        """Tell whether the context could be the library's own work: its fill level is used as an index."""
        context = self._kind.context.from_buffer(self._buffer)
        is_contained = self._buffer.raw[self._size :] == _CANARY
        return is_contained and context.num < ctypes.sizeof(context.data) and context.md_len == self._kind.digest_bytes


def new_hasher(algorithm: str) -> Hasher:
    """Start a hash. `algorithm` is `sha256` or `sha512`; raises `ValueError` for any other."""
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"no digest uses {algorithm!r}; use one of {', '.join(_ALGORITHMS)}")
    kind = _SAVABLE_HASHES[algorithm]
    return PlainHasher(algorithm) if kind is None else SavableHasher(kind)


def restore_hasher(state: bytes) -> Hasher | None:
    """Take up a saved hash, or return None when the bytes it vouches for must be read again."""
    restored = (kind.restore(state) for kind in _SAVABLE_HASHES.values() if kind is not None)
    return next((hasher for hasher in restored if hasher is not None), None)


def _find_savable_hash(algorithm: str) -> SavableHash | None:
    """Find the first libcrypto that can save this hash and proves it."""
    for library in libraries():
        try:
            kind = SavableHash(library, _version(library), algorithm)
        except AttributeError:
            continue
        if kind.passes_self_test():
            return kind
    return None


def libraries() -> Iterator[ctypes.CDLL]:
    """Yield the libcrypto that Python itself uses, then the system's."""
    own = getattr(sys.modules.get("_hashlib"), "__file__", None)
    for find in (lambda: own, lambda: ctypes.util.find_library("crypto")):
        name = find()
        if name is None:
            continue
        try:
            yield ctypes.CDLL(name)
        except OSError:
            continue


def _version(library: ctypes.CDLL) -> str:
    """Return the library's own words for its version. Raise `AttributeError` when it has none."""
    function = library.OpenSSL_version
    function.restype = ctypes.c_char_p
    function.argtypes = (ctypes.c_int,)
    return str(function(0).decode())


@cache
def boot_identity() -> str:
    """Return what changes with every boot; where that is unknown, what changes with every process."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return _PROCESS_ID


_SAVABLE_HASHES = {algorithm: _find_savable_hash(algorithm) for algorithm in _ALGORITHMS}
