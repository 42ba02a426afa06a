# SPDX-License-Identifier: Apache-2.0
"""Roles: named sets of actions, those that are built in and those that administrators make.

Grants of roles are given in `grants` and evaluated in `access`. See docs/how-to/roles.md.
"""

from entrepot.features.roles.errors import RoleNotUnderstood
from entrepot.features.roles.errors import RoleUnknown
from entrepot.features.roles.models import ROLE_ACTIONS
from entrepot.features.roles.models import SYSTEM
from entrepot.features.roles.models import SYSTEM_ROLE_ACTIONS
from entrepot.features.roles.models import Role
from entrepot.features.roles.models import SystemRole
from entrepot.features.roles.models import actions_of
from entrepot.features.roles.store import custom_actions
from entrepot.features.roles.store import hold_actions
from entrepot.features.roles.store import role_made_at
from entrepot.features.roles.store import with_custom_roles

__all__ = [
    "ROLE_ACTIONS",
    "SYSTEM",
    "SYSTEM_ROLE_ACTIONS",
    "Role",
    "RoleNotUnderstood",
    "RoleUnknown",
    "SystemRole",
    "actions_of",
    "custom_actions",
    "hold_actions",
    "role_made_at",
    "with_custom_roles",
]
