# SPDX-License-Identifier: Apache-2.0
"""Garbage: giving back the space of what was deleted, on schedule and by hand, and telling what came of it.

The steps are the registry's (`registry/reclaim.py`); here are their schedule, their report, and what
administrators see and do. See docs/how-to/garbage.md.
"""

from entrepot.features.garbage.grace import Grace
from entrepot.features.garbage.grace import grace_of
from entrepot.features.garbage.settings import GarbageSettings

__all__ = ["GarbageSettings", "Grace", "grace_of"]
