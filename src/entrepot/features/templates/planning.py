# SPDX-License-Identifier: Apache-2.0
"""What a template gives to something of a name, and what of it cannot be given."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features import groups
from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.grants import parse_grantee
from entrepot.features.identity import find_user
from entrepot.features.projects import Visibility
from entrepot.features.robots import find_robot
from entrepot.features.roles import RoleNotUnderstood
from entrepot.features.roles import hold_actions
from entrepot.features.roles import role_made_at
from entrepot.features.templates.models import CREATOR
from entrepot.features.templates.models import Template
from entrepot.features.templates.models import TemplateGrant
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest

_CREATORS = frozenset({GranteeKind.USER, GranteeKind.ROBOT, GranteeKind.WORKLOAD})


@dataclass(frozen=True, slots=True)
class PlannedGrant:
    """A grant as it will be given; `obstacle` says why it will not, and is empty if it will."""

    principal: str
    role: str
    path_pattern: str
    obstacle: str
    terms: Terms | None
    """What is given; None where that cannot be said yet, or is no grant."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a template gives to something of a name."""

    template: Template
    visibility: Visibility | None
    """Of a project; None where the template says nothing of it."""
    visibility_obstacle: str
    """Why a project does not become so visible; empty if it does."""
    grants: tuple[PlannedGrant, ...]


def plan(connection: Connection, template: Template, name: str, creator: str | None) -> Plan:
    """Return what something called `name` starts with, made by a principal such as `user:alice`.

    `creator` is None where nobody has made it yet, and empty where it is not known who did.
    """
    grants = tuple(_planned(connection, template, grant, name, creator) for grant in template.terms.grants)
    return Plan(template, template.terms.settings.visibility, "", grants)


def account_lacking(
    connection: Connection, grantee: Grantee, since: Milliseconds | None = None, *, is_held: bool = True
) -> str:
    """Say why nothing is to be granted to somebody; empty if there is no reason.

    Names of robots and groups are given out again: one that was made after `since` is another than was meant then.
    A group stays until the transaction ends, if it `is_held`; where nothing is written, nothing can be.
    """
    gone = f"there is no {grantee.kind} {grantee.name}, or it is disabled"
    match grantee.kind:
        case GranteeKind.USER:
            user = find_user(connection, grantee.name)
            return gone if user is None or user.is_disabled else ""
        case GranteeKind.ROBOT:
            robot = find_robot(connection, grantee.name)
            if robot is None or robot.disabled_at is not None:
                return gone
            made_at = robot.created_at
        case GranteeKind.GROUP:
            group = groups.find_group(connection, groups.GroupName(grantee.name))
            if group is None or (is_held and not groups.exists(connection, grantee.name)):
                return f"there is no group {grantee.name}"
            made_at = group.created_at
        case _:
            return ""
    if since is not None and made_at > since:
        return f"the {grantee.kind} {grantee.name} was made after the template was set, and is another one"
    return ""


def _planned(
    connection: Connection, template: Template, grant: TemplateGrant, name: str, creator: str | None
) -> PlannedGrant:
    is_creator = grant.principal == CREATOR
    principal = creator or CREATOR if is_creator else grant.principal
    path_pattern = f"{name}/{grant.path}" if grant.path else name
    try:
        grantee = _grantee(grant, creator)
        terms = grant.terms_on(name, grantee)
    except InvalidRequest as error:
        return PlannedGrant(principal, grant.role, path_pattern, error.message, None)
    is_held = creator is not None
    obstacle = _role_lacking(connection, grant.role, template.changed_at, is_held=is_held)
    if not obstacle and grantee is not None:
        since = None if is_creator else template.changed_at
        obstacle = account_lacking(connection, grantee, since, is_held=is_held)
    elif not obstacle and creator is not None:
        obstacle = "it is not known who made it, or that is nobody in particular"
    return PlannedGrant(principal, grant.role, path_pattern, obstacle, None if grantee is None else terms)


def _role_lacking(connection: Connection, role: str, since: Milliseconds, *, is_held: bool) -> str:
    """Say why a role is not given that was named then; empty if there is no reason."""
    try:
        is_there = hold_actions(connection, role, is_held=is_held) is not None
    except RoleNotUnderstood as error:
        return error.message
    if not is_there:
        return f"there is no role {role}"
    if (role_made_at(connection, role) or since) > since:
        return f"the role {role} was made after the template was set, and is another one"
    return ""


def _grantee(grant: TemplateGrant, creator: str | None) -> Grantee | None:
    """Return whom a grant is given to; None for a creator who is nobody, or nobody yet."""
    if grant.principal != CREATOR:
        return grant.grantee
    kind = (creator or "").partition(":")[0]
    return parse_grantee(creator) if creator and kind in _CREATORS else None
