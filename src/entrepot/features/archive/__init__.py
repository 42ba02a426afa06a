# SPDX-License-Identifier: Apache-2.0
"""The archive beside the bytes: every change of the database is written to the storage too, some seconds later.

From it, or without it from the bytes, `entrepot rebuild` makes a new database when the old one is lost.
See docs/how-to/archive.md; what its files hold is in docs/reference/archive.md.
"""

from entrepot.features.archive.settings import ArchiveSettings

__all__ = ["ArchiveSettings"]
