# SPDX-License-Identifier: Apache-2.0
"""A key of 256 bits and its file: one line of base64url, as `entrepot keys new` writes it.

A key is named by what it is: its id follows from its bytes, so that no
configuration can give one name to two keys, and whatever was encrypted under
another key is noticed by the name that it carries.
"""

import base64
import binascii
import hmac
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from entrepot.kernel.errors import AppError

KEY_BYTES = 32
ID_LENGTH = 16
MAX_FILE_BYTES = 1024

_OTHERS = stat.S_IRWXO


class InvalidKey(AppError):
    """A key is not 32 bytes in base64url."""

    code = "invalid_key"
    default_hint = "Restore the file from where you keep a copy of it, or make a new key with entrepot keys new."


class KeyFileUnreadable(AppError):
    """The file of a key cannot be read, or too many may read it."""

    code = "key_file_unreadable"


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it came from. Its text never shows the secret."""

    secret: bytes = field(repr=False)
    origin: str

    @property
    def id(self) -> str:
        """What it is called: 16 characters that follow from the secret and do not betray it."""
        return hmac.digest(self.secret, b"entrepot key id", "sha256")[: ID_LENGTH // 2].hex()

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose; the keys of two purposes tell nothing of each other."""
        return hmac.digest(self.secret, purpose.encode(), "sha256")


def parse_key(text: str, origin: str) -> Key:
    """Read a key as its file holds it. Raises `InvalidKey`, which names `origin` and not the text."""
    try:
        secret = base64.b64decode(text.strip() + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise InvalidKey(f"{origin} is not {KEY_BYTES} bytes in base64url without padding")
    return Key(secret, origin)


def read_key(path: Path, *, is_private: bool = True) -> Key:
    """Read the key of a file, which others may not read if it `is_private`.

    Raises `InvalidKey` and `KeyFileUnreadable`.
    """
    try:
        with path.open("rb") as file:
            if is_private and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                raise KeyFileUnreadable(
                    f"the key file {path} is open to every user of this machine",
                    hint=f"Take that away: chmod 600 {path}",
                )
            text = file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise KeyFileUnreadable(
            f"the key file {path} cannot be read: {error.strerror}",
            hint="Restore it from where you keep a copy of it; without it, what it encrypted is lost.",
        ) from error
    return parse_key(text.decode("ascii", errors="replace"), str(path))


def make_key_file(path: Path) -> bool:
    """Write a new key (mode 600) that survives power loss, unless there is a file already; tell whether it did.

    Of several processes that do this at once one does it, and none sees half a file.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    is_new = False
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(KEY_BYTES)}\n")
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
            is_new = True
    finally:
        temporary.unlink()
    _sync_folder(path.parent)
    return is_new


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
