# SPDX-License-Identifier: Apache-2.0
"""What the registry runs on, for its administrators: versions, room, server processes and signing keys.

Each server process tells every ten seconds that it is alive. See docs/how-to/system.md.
"""

from entrepot.features.system.presence import Presence
from entrepot.features.system.service import Setup
from entrepot.features.system.service import System

__all__ = ["Presence", "Setup", "System"]
