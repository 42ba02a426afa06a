# SPDX-License-Identifier: Apache-2.0
"""Files that hand a password over to whoever may read the data folder."""

import os
from pathlib import Path

from entrepot.infra.storage.disk import sync_folder

INITIAL_PASSWORD_FILE = Path("initial-admin-password")
"""In the data folder: the password of the first administrator, until it is changed."""


def write_secret(path: Path, secret: str) -> None:
    """Write a line that only the owner of the file can read (mode 600), durably. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(f"{secret}\n")
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent.resolve())
