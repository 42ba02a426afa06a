# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a promotion, and with a path of promotions."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class PathInvalid(InvalidRequest):
    """The path is not valid."""

    code = "promotion_path_invalid"


class PathUnknown(NotFound):
    """There is no such path, or you may not see both of its ends."""

    code = "promotion_path_unknown"
    default_hint = "entrepot promotions paths list shows those that you may see."


class PathTaken(Conflict):
    """The project has a path of that name already."""

    code = "promotion_path_taken"
    default_hint = "Change that one, or choose another name."


class PathChanged(Conflict):
    """Somebody has changed the path since you read it."""

    code = "promotion_path_changed"
    default_hint = "Read it again, and decide anew."


class TooManyPaths(Conflict):
    """As many paths lead into the project as there can be."""

    code = "too_many_promotion_paths"
    default_hint = "Delete those that nobody uses."


class TooFewApprovers(Conflict):
    """Fewer people could approve than the path asks for."""

    code = "too_few_promotion_approvers"
    default_hint = "Name more people who may push to the target project, or ask for fewer approvals."


class PromotionInvalid(InvalidRequest):
    """This cannot be promoted along that path."""

    code = "promotion_invalid"


class PromotionUnknown(NotFound):
    """There is no such promotion, or you may not see it."""

    code = "promotion_unknown"
    default_hint = "entrepot promotions list shows those that you may see."


class PromotionNotOpen(Conflict):
    """Nobody decides about the promotion any more."""

    code = "promotion_not_open"
    default_hint = "Ask again, if it is still needed."


class PromotionAlreadyAsked(Conflict):
    """Just this was asked for already."""

    code = "promotion_already_asked"
    default_hint = "Wait for it to end, or withdraw it and ask again."


class PromotionWouldBeRefused(Conflict):
    """A rule of one of the two ends refuses it as things stand."""

    code = "promotion_would_be_refused"
    default_hint = "Settle what is named, then ask again; the preview lists all of it."


class TooManyPromotions(Conflict):
    """As many promotions wait as there can be."""

    code = "too_many_promotions"
    default_hint = "Withdraw those that are not needed any more; the others end when their time is over."


class OnlyPeopleApprove(Forbidden):
    """Only people decide about promotions."""

    code = "only_people_approve"
    default_hint = "Log in as a user: robots ask for promotions, and decide about none."


class NotAnApprover(Forbidden):
    """You are not among the approvers of the path."""

    code = "not_an_approver"
    default_hint = "Let one of the approvers decide; the path names them."


class OwnPromotion(Forbidden):
    """Who asks does not approve on this path."""

    code = "own_promotion"
    default_hint = "Let another approver decide; withdraw it if it is not needed any more."


class NotYourPromotion(Forbidden):
    """Only who asked for a promotion withdraws it."""

    code = "not_your_promotion"
    default_hint = "Refuse it, if you are among the approvers."


class AlreadyDecided(Conflict):
    """You have approved this already."""

    code = "promotion_already_decided"
    default_hint = "Let another approver decide."
