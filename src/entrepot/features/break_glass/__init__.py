# SPDX-License-Identifier: Apache-2.0
"""Break-glass access: rights that people may take themselves in an emergency, for a while, and not unseen.

An opening is a grant that ends by itself, so that `access` decides as it always does. See docs/how-to/break-glass.md.
"""

from entrepot.features.break_glass.leaving import leave
from entrepot.features.break_glass.leaving import leave_project
from entrepot.features.break_glass.models import Glass
from entrepot.features.break_glass.store.eligibilities import may_administer
from entrepot.features.break_glass.store.openings import count_openings
from entrepot.features.break_glass.store.openings import open_between

__all__ = ["Glass", "count_openings", "leave", "leave_project", "may_administer", "open_between"]
