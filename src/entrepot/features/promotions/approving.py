# SPDX-License-Identifier: Apache-2.0
"""Who may approve: people who are named on the path and may push to the target, as the transaction sees it."""

from sqlalchemy import Connection

from entrepot.features.access import present_rights
from entrepot.features.groups import MemberKind
from entrepot.features.groups import everybody_in
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.paths import Terms
from entrepot.features.promotions.store import paths
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import principal_of
from entrepot.kernel.clock import Milliseconds

MAX_LOOKED_AT = 1_000
"""At how many people is looked at most before it is said that too few could approve."""
_USER = f"{PrincipalKind.USER}:"


def may_approve(connection: Connection, path: Path, promotion: Promotion, identity: str, now: Milliseconds) -> bool:
    """Tell whether somebody, such as `user:alice`, is named on the path, and may push just that to the target."""
    principal = principal_of(identity)
    if principal.kind is not PrincipalKind.USER or not paths.lists(connection, path.id, identity):
        return False
    rights = present_rights(connection, principal.name, now)
    reach = rights.tags(Action.TAG, promotion.target)
    return rights.allow(Action.PUSH, promotion.target) and all(map(reach.covers, promotion.tags))


def who_may(connection: Connection, path: Path, promotion: Promotion, now: Milliseconds) -> dict[str, bool]:
    """Tell of everybody who has approved whether they may now."""
    return {each.by: may_approve(connection, path, promotion, each.by, now) for each in promotion.approvals}


def enough_could(connection: Connection, project: str, terms: Terms, now: Milliseconds) -> bool:
    """Tell whether as many people as a path asks for could approve: they may push to some repository of the project."""
    able = 0
    for number, identity in enumerate(people_of(connection, terms)):
        if able >= terms.approvals or number >= MAX_LOOKED_AT:
            break
        able += present_rights(connection, identity.removeprefix(_USER), now).reach(Action.PUSH, project)
    return able >= terms.approvals


def people_of(connection: Connection, terms: Terms) -> list[str]:
    """Return everybody who is named on a path, or in a group that is, once."""
    found = {str(each): None for each in terms.approvers if each.kind is MemberKind.USER}
    for each in terms.approvers:
        if each.kind is MemberKind.GROUP:
            found |= dict.fromkeys(everybody_in(connection, each.name, MAX_LOOKED_AT))
    return [identity for identity in found if identity.startswith(_USER)]
