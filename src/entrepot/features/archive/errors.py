# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with the archive, and with rebuilding from it."""

from entrepot.kernel.errors import AppError


class ArchiveOfAnother(AppError):
    """The storage holds an archive that this database knows nothing of."""

    code = "archive_of_another"
    default_hint = (
        "If the database was lost, stop and run `entrepot rebuild` with an empty one; "
        "to begin a new archive, move the folder `meta` of the storage away."
    )


class NotEmpty(AppError):
    """There is something in the database that was to be rebuilt."""

    code = "not_empty"
    default_hint = "Name a database that is new, or move the old one away; nothing is ever overwritten."


class ArchiveUnusable(AppError):
    """The archive does not hold what a registry can be rebuilt from."""

    code = "archive_unusable"
    default_hint = "entrepot rebuild --from-bytes recovers images without it, not their names."


class DamagedFile(AppError):
    """A file of the archive is not what was written."""

    code = "archive_damaged"
