# SPDX-License-Identifier: Apache-2.0
"""What is said of approvals: in the record, and to whoever needs one."""

import shlex
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.approvals.deciding import about_project
from entrepot.features.approvals.errors import ApprovalNeeded
from entrepot.features.approvals.models import Approval
from entrepot.features.approvals.models import State
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Attempt

_CHANGES = {
    State.PENDING: Change.APPROVAL_REQUESTED,
    State.APPROVED: Change.APPROVAL_GIVEN,
    State.REJECTED: Change.APPROVAL_REJECTED,
    State.WITHDRAWN: Change.APPROVAL_WITHDRAWN,
    State.USED: Change.APPROVAL_USED,
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is told of an approval."""

    state: str
    act: str
    target: str
    hours: int | None
    requested_by: str
    decided_by: str
    reason: str
    comment: str
    expires_at: Milliseconds


def tell(connection: Connection, approval: Approval, before: Approval | None, now: Milliseconds, by: Principal) -> None:
    """Say what became of an approval, in the transaction that changes it."""
    told = Told(
        object=f"approval:{approval.id}",
        project=about_project(approval.act, approval.target),
        before=before and _shown(before),
        after=_shown(approval),
        reason=approval.comment if approval.decided_by == by.identity else approval.reason,
        principal=by,
    )
    announce(connection, _CHANGES[approval.stored], now, told)


def needed(attempt: Attempt, open_ones: list[Approval], hours: int) -> ApprovalNeeded:
    """Say that an act takes a second person, and the next step: there may be something that was asked for before."""
    about: dict[str, object] = {"act": attempt.act.value, "target": attempt.target, "hours": attempt.hours}
    what = f"{attempt.act} {attempt.target[:200]}"
    waiting = next((each for each in open_ones if each.stored is State.PENDING and each.fits(attempt)), None)
    if waiting is not None:
        return ApprovalNeeded(
            f"this takes a second person, who has not decided yet: {what}",
            hint=f"Let another person who may do it decide: entrepot approval approve {waiting.id}",
            detail={**about, "waiting": waiting.id},
        )
    lasting = "" if attempt.hours is None else f" --hours {attempt.hours}"
    command = f"entrepot approval request {attempt.act} {shlex.quote(attempt.target)}{lasting} --reason '...'"
    return ApprovalNeeded(
        f"this takes the approval of a second person: {what}{_void(attempt, open_ones)}",
        hint=f"Ask for it: {command}; once another person who may do it approved, do it again within {hours} hours.",
        detail=about,
    )


def _void(attempt: Attempt, open_ones: list[Approval]) -> str:
    """Say why what was approved does not count; nothing where nothing was."""
    approved = [each for each in open_ones if each.stored is State.APPROVED]
    names = [each.decided_by.partition(":")[2] for each in approved if each.fits(attempt)]
    if names:
        return f"; {names[0]}, who approved it, may not do it any more"
    is_old = any(each.requested_at < attempt.since for each in approved)
    return "; it is another one, or somebody came into the group, since it was asked for" if is_old else ""


def _shown(approval: Approval) -> _Shown:
    return _Shown(
        state=approval.stored.value,
        act=approval.act.value,
        target=approval.target,
        hours=approval.hours,
        requested_by=approval.requested_by,
        decided_by=approval.decided_by,
        reason=approval.reason,
        comment=approval.comment,
        expires_at=approval.expires_at,
    )
