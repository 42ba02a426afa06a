# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an approval, and needing one."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class ApprovalNeeded(Forbidden):
    """This takes the approval of a second person."""

    code = "approval_needed"


class ApprovalInvalid(InvalidRequest):
    """This cannot be asked for."""

    code = "approval_invalid"


class ApprovalUnknown(NotFound):
    """There is no such approval, or you may not see it."""

    code = "approval_unknown"
    default_hint = "entrepot approval list shows those that you asked for, and those that wait for you."


class OnlyPeople(Forbidden):
    """Only people ask for approvals and decide about them."""

    code = "only_people"
    default_hint = "Log in as a user: a robot is never a second person, nor the first."


class OwnApproval(Forbidden):
    """Nobody decides about what they asked for themselves."""

    code = "own_approval"
    default_hint = "Let another person decide who may do the same; withdraw it if it is not needed any more."


class NotYours(Forbidden):
    """Only who asked for it withdraws it."""

    code = "not_your_approval"
    default_hint = "Reject it, if you may decide about it."


class MayNotDoItEither(Forbidden):
    """Only who may do something asks for an approval of it, or decides about one."""

    code = "may_not_do_it_either"


class ApprovalNotOpen(Conflict):
    """The approval is not waiting for that any more."""

    code = "approval_not_open"
    default_hint = "Ask again, if it is still needed."


class NoApprovalNeeded(Conflict):
    """This takes no approval."""

    code = "no_approval_needed"
    default_hint = "Do it; nobody else has to agree."


class AlreadyAsked(Conflict):
    """You have asked for this already."""

    code = "approval_already_asked"
    default_hint = "Wait for somebody to decide, or withdraw it and ask again."


class TooManyApprovals(Conflict):
    """As many approvals wait for a decision as there can be."""

    code = "too_many_approvals"
    default_hint = "Withdraw those that are not needed any more; the others end after seven days."


class TooFewApprovers(Conflict):
    """Too few people could approve."""

    code = "too_few_approvers"
    default_hint = "Let at least two enabled users administer the registry first, each of them another person."
