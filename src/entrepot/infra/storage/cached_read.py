# SPDX-License-Identifier: Apache-2.0
"""Opening and reading files inside the event loop, but only if the disk is not needed.

Handing a read to a thread costs ten times as much as reading 64 KiB that the
kernel has in memory. Linux can be asked to do one without the other:
`openat2(RESOLVE_CACHED)` and `preadv2(RWF_NOWAIT)` fail with `EAGAIN` instead of
waiting for a disk (openat2(2), preadv2(2)). Where the kernel or a sandbox
does not offer them, every call answers "not cached" and threads do the work.
"""

import ctypes
import errno
import os
from io import FileIO
from pathlib import Path

_OPENAT2 = 437
_AT_FDCWD = -100
_RESOLVE_CACHED = 0x20
_RWF_NOWAIT = getattr(os, "RWF_NOWAIT", None)


class _OpenHow(ctypes.Structure):
    """`struct open_how` of openat2(2)."""

    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_HOW = _OpenHow(os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0, _RESOLVE_CACHED)


def _find_syscall() -> "ctypes._NamedFuncPointer":
    """Return libc's `syscall`, called with the GIL held: it never waits."""
    function = ctypes.PyDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    function.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
    return function


_syscall = _find_syscall()


def open_cached(path: Path) -> FileIO | None:
    """Open a file for reading, or return None when that might have to wait.

    Raises `FileNotFoundError` when the kernel knows that there is none.
    """
    handle = _syscall(_OPENAT2, _AT_FDCWD, os.fsencode(path), ctypes.addressof(_HOW), ctypes.sizeof(_HOW))
    if handle >= 0:
        return FileIO(handle, "rb")
    if ctypes.get_errno() == errno.ENOENT:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return None


def read_cached(file: FileIO, length: int, offset: int) -> bytes:
    """Read up to `length` bytes that are in memory; `b""` when there are none or the file ends."""
    if _RWF_NOWAIT is None:
        return b""
    buffer = bytearray(length)
    try:
        count = os.preadv(file.fileno(), [buffer], offset, _RWF_NOWAIT)
    except OSError:
        return b""
    return bytes(memoryview(buffer)[:count])
