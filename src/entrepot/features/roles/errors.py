# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a role."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class InvalidRoleName(InvalidRequest):
    """The role name is not valid."""

    code = "invalid_role_name"
    default_hint = "Use 1 to 64 of a-z, 0-9 and '-', beginning with a letter."


class RoleUnknown(NotFound):
    """There is no such role."""

    code = "role_unknown"
    default_hint = "entrepot role list shows which there are."


class RoleExists(Conflict):
    """There is a role of this name already."""

    code = "role_exists"
    default_hint = "Choose another name, or change that role: entrepot role change."


class RoleBuiltIn(Conflict):
    """The role is built in."""

    code = "role_built_in"
    default_hint = "Choose another name for a role of your own."


class RoleInUse(Conflict):
    """Grants give this role."""

    code = "role_in_use"
    default_hint = "Take these grants away first, those that have ended too: entrepot grant delete."


class TooManyRoles(Conflict):
    """There can be no more roles."""

    code = "too_many_roles"
    default_hint = "Delete some that nobody has: entrepot role show tells how many grants give one."


class RoleNotUnderstood(Conflict):
    """The role allows something that this version does not know."""

    code = "role_not_understood"
    default_hint = "Upgrade this node, or say anew what the role allows: entrepot role change."
