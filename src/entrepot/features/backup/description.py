# SPDX-License-Identifier: Apache-2.0
"""What the file of a backup says of itself, and whether it still is that."""

from pathlib import Path

import msgspec

from entrepot.infra.database import backup_file
from entrepot.infra.database import schema
from entrepot.infra.database.backup_file import BackupDamaged
from entrepot.infra.database.backup_file import Count
from entrepot.infra.database.backup_file import TableSum
from entrepot.infra.database.schema import SchemaTooNew
from entrepot.kernel.clock import Milliseconds

FORMAT = 1
SUFFIX = ".backup"
BLOBS = "blobs"
"""The folder beside backups that the bytes of their objects are copied to, arranged as a storage."""


class Description(msgspec.Struct, frozen=True):
    """What a backup is: its record, what it names, and the checksums of its tables."""

    format: int
    name: str
    version: str
    revision: str
    taken_at: Milliseconds
    expires_at: Milliseconds
    newest_object: Milliseconds
    objects: int
    object_bytes: int
    manifests: int
    tags: int
    tables: dict[str, TableSum]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(each.rows for each in self.tables.values())


def read_description(path: Path) -> Description:
    """Return what a file says that it is. Raises `BackupDamaged`, and `SchemaTooNew` for one of a newer Entrepot."""
    try:
        found = msgspec.json.decode(backup_file.about(path), type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupDamaged(f"{path} does not say what it is") from error
    if found.format > FORMAT or found.revision > schema.needed_revision():
        raise SchemaTooNew(
            f"the backup was made by Entrepot {found.version}, at schema {found.revision}; "
            f"this program knows up to {schema.needed_revision()}"
        )
    return found


def require_whole(path: Path, found: Description, count: Count) -> None:
    """Read every row of a backup. Raises `BackupDamaged` unless all of them are those that were written."""
    actual = backup_file.checksums(path, count)
    for name in sorted(found.tables.keys() | actual.keys()):
        if found.tables.get(name) != actual.get(name):
            raise BackupDamaged(f"{path} is damaged: the rows of {name} are not those that were written")
