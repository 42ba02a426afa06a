# SPDX-License-Identifier: Apache-2.0
"""Holds: artifacts and repositories that nobody deletes, because somebody said so, why, and until when.

What deletes asks in its own transaction (`registry.keeping`), with or without this feature. See docs/how-to/holds.md.
"""

from entrepot.features.holds.service import forget_holds

__all__ = ["forget_holds"]
