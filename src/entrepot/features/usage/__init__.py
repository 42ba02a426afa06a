# SPDX-License-Identifier: Apache-2.0
"""What is held and how much of it is pulled: by registry, project, repository and day.

The core only appends what changed; this feature adds it up in the background. See
docs/how-to/usage.md.
"""

from entrepot.features.usage.models import BusyRepository
from entrepot.features.usage.models import Order
from entrepot.features.usage.models import ProjectUsage
from entrepot.features.usage.models import Totals
from entrepot.features.usage.service import Usage

__all__ = ["BusyRepository", "Order", "ProjectUsage", "Totals", "Usage"]
