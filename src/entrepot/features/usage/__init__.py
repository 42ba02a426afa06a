# SPDX-License-Identifier: Apache-2.0
"""What is held and how much of it is pulled: by registry, project, repository and day; and what is used no more.

The core only appends what changed and what was used; this feature adds it up in the background, and keeps of each tag
and each manifest when a client last used it: `last_uses`, with `recording` for whoever deletes by that. See
docs/how-to/usage.md.
"""

from entrepot.features.usage.models import BusyRepository
from entrepot.features.usage.models import LastUses
from entrepot.features.usage.models import Order
from entrepot.features.usage.models import ProjectUsage
from entrepot.features.usage.models import Recording
from entrepot.features.usage.models import Totals
from entrepot.features.usage.recorder import recording
from entrepot.features.usage.service import Usage
from entrepot.features.usage.settings import UsageSettings
from entrepot.features.usage.store.uses import forget_start
from entrepot.features.usage.store.uses import last_use_of
from entrepot.features.usage.store.uses import last_uses

__all__ = [
    "BusyRepository",
    "LastUses",
    "Order",
    "ProjectUsage",
    "Recording",
    "Totals",
    "Usage",
    "UsageSettings",
    "forget_start",
    "last_use_of",
    "last_uses",
    "recording",
]
