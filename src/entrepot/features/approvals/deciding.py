# SPDX-License-Identifier: Apache-2.0
"""Who may do an act, and so ask for an approval of it and decide about one."""

from urllib.parse import parse_qs

from sqlalchemy import Connection

from entrepot.features.access import Rights
from entrepot.features.access import parse_pattern
from entrepot.features.access import present_rights
from entrepot.features.approvals import store
from entrepot.features.approvals.errors import ApprovalInvalid
from entrepot.features.approvals.models import MAX_TARGET_CHARACTERS
from entrepot.features.approvals.models import Approval
from entrepot.features.groups import everybody_in
from entrepot.features.identity import Standing
from entrepot.features.identity import standing_of
from entrepot.features.projects import parse_project_name
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.registry.four_eyes import Act

_USER = f"{PrincipalKind.USER}:"
_GROUP = "group:"
_MAX_MEMBERS = 1_000


def parse_target(text: str) -> str:
    """Check what an act is done to, as far as every act goes. Raises `ApprovalInvalid`."""
    if not (text.isprintable() and text.strip() == text and 0 < len(text) <= MAX_TARGET_CHARACTERS):
        raise ApprovalInvalid(
            f"the target is not 1 to {MAX_TARGET_CHARACTERS} printable characters",
            hint="Write it as the refusal of the act did.",
        )
    return text


def project_of(act: Act, target: str) -> str:
    """Return the project whose administrators may do the act, empty for what takes a right to the registry."""
    if act is Act.PROJECT_DELETE:
        return target
    if act is Act.AUDIT_EXPORT:
        return parse_qs(target).get("project", [""])[0]
    return ""


def about_project(act: Act, target: str) -> str:
    """Return the project that the act is done in, empty for none and where the target names what cannot be one."""
    name = target.partition("/")[0].partition("@")[0] if act is Act.ARTIFACT_PURGE else project_of(act, target)
    try:
        return parse_project_name(name)
    except InvalidRequest:
        return ""


def allow(rights: Rights, act: Act, target: str) -> bool:
    """Tell whether these rights let their holder do the act."""
    if SystemAction.ADMINISTER in rights.system:
        return True
    if act is Act.AUDIT_EXPORT and SystemAction.READ_AUDIT in rights.system:
        return True
    try:
        project = parse_project_name(project_of(act, target))
    except InvalidRequest:
        return False
    return rights.cover(Action.ADMIN, parse_pattern(f"{project}/**"))


def stands(connection: Connection, approval: Approval, now: Milliseconds) -> bool:
    """Tell whether whoever approved is another person than who asked, and may still do it themselves."""
    kind, _, name = approval.decided_by.partition(":")
    if kind != PrincipalKind.USER or approval.decided_by == approval.requested_by:
        return False
    return allow(present_rights(connection, name, now), approval.act, approval.target)


def approvers(connection: Connection, now: Milliseconds) -> int:
    """Return how many enabled users administer the registry, and so could approve whatever it is."""
    people: set[str] = set()
    for principal in store.administrators(connection, now):
        is_group = principal.startswith(_GROUP)
        name = principal.removeprefix(_GROUP)
        people.update(everybody_in(connection, name, _MAX_MEMBERS) if is_group else [principal])
    names = (each.removeprefix(_USER) for each in people if each.startswith(_USER))
    return sum(standing_of(connection, name) is not Standing.NONE for name in names)
