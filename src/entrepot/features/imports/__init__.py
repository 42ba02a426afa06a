# SPDX-License-Identifier: Apache-2.0
"""Imports: what another registry has, brought here through its API, with a report of what each name is there and here.

What is brought goes the ways that clients go (`registry.intake`). Taking over the storage of another registry where
it lies is `adoption`. See docs/how-to/imports.md.
"""

from entrepot.features.imports.models import Import
from entrepot.features.imports.models import ImportState
from entrepot.features.imports.store.imports import SOURCE_LOGINS
from entrepot.features.imports.store.imports import counted_by_state as imports_by_state
from entrepot.features.imports.store.imports import fetched_bytes as imported_bytes

__all__ = ["SOURCE_LOGINS", "Import", "ImportState", "imported_bytes", "imports_by_state"]
