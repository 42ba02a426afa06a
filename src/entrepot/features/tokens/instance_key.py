# SPDX-License-Identifier: Apache-2.0
"""The one secret of an installation that is not in its database: it encrypts those that are."""

import base64
import binascii
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from entrepot.infra.storage.disk import sync_folder
from entrepot.kernel.errors import AppError

INSTANCE_KEY_FILE_NAME = "instance.key"
INSTANCE_KEY_BYTES = 32


class InvalidInstanceKey(AppError):
    """The instance key is not 32 bytes in base64url."""

    code = "invalid_instance_key"
    default_hint = "Restore the key this instance was set up with, from its data directory or its configuration."


class InstanceKey:
    """Key material of 256 bits. Its text never shows the secret."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose; the keys of two purposes tell nothing of each other."""
        return hmac.digest(self._secret, purpose.encode(), "sha256")


def load_instance_key(data_dir: Path, configured: Path | None = None) -> InstanceKey:
    """Return the key in the configured file, else that in `<data_dir>/instance.key`, made (mode 600) at the first call.

    Any number of processes may call this at once and all get the same key. A configured file is never made: nodes that
    each made their own would share nothing. Raises `InvalidInstanceKey`, and `OSError` when it cannot be read or made.
    """
    path = configured or data_dir / INSTANCE_KEY_FILE_NAME
    if configured is None and not path.exists():
        _create(path)
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError as error:
        raise InvalidInstanceKey(f"there is no instance key in {path}") from error
    return _decode(text, path)


def _decode(text: str, origin: Path) -> InstanceKey:
    try:
        secret = base64.b64decode(text.strip() + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != INSTANCE_KEY_BYTES:
        raise InvalidInstanceKey(f"{origin} is not {INSTANCE_KEY_BYTES} bytes in base64url without padding")
    return InstanceKey(secret)


def _create(path: Path) -> None:
    """Write a new key beside `path`, then link it there: complete or absent, and the first one stays."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(INSTANCE_KEY_BYTES)}\n")
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        temporary.unlink()
    sync_folder(path.parent.resolve())
