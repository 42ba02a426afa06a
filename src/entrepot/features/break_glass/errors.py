# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with break-glass access."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class OnlyInPerson(Forbidden):
    """Only a person who has logged in themselves breaks the glass."""

    code = "only_in_person"
    default_hint = "Log in to the console, or with user name and password: tokens and robots do not take rights."


class EligibilityInvalid(InvalidRequest):
    """Nobody can be made eligible for that."""

    code = "eligibility_invalid"


class OpeningInvalid(InvalidRequest):
    """The glass is not broken like this."""

    code = "opening_invalid"


class EligibilityUnknown(NotFound):
    """There is no such eligibility, or it is not yours."""

    code = "eligibility_unknown"
    default_hint = "GET /api/v1/break-glass lists what you are eligible for."


class EligibleUnknown(NotFound):
    """There is nobody of this name who could be eligible."""

    code = "principal_unknown"


class OpeningUnknown(NotFound):
    """There is no such opening, or you may not see it."""

    code = "opening_unknown"


class EligibilityExists(Conflict):
    """They are eligible for that already."""

    code = "eligibility_exists"
    default_hint = "Delete that eligibility first to give it another duration."


class TooManyEligibilities(Conflict):
    """There are as many eligibilities as there can be."""

    code = "too_many_eligibilities"
    default_hint = "Make a group eligible in place of many people."


class AlreadyOpen(Conflict):
    """You have broken the glass already."""

    code = "already_open"
    default_hint = "End that opening first; none can be made to last longer."


class TooManyOpenings(Conflict):
    """You have broken the glass as often as you may in a day."""

    code = "too_many_openings"
    default_hint = "Ask an administrator of the registry for a grant."


class NotOpen(Conflict):
    """The opening has ended already."""

    code = "not_open"


class StillOpen(Conflict):
    """The opening has not ended yet."""

    code = "still_open"
    default_hint = "End it, or wait until it ends by itself, and see what was done."


class AlreadyAcknowledged(Conflict):
    """The opening was acknowledged already."""

    code = "already_acknowledged"


class NotByOneself(Forbidden):
    """Nobody acknowledges an opening of their own."""

    code = "not_by_oneself"
    default_hint = "Ask another administrator of the registry to look at it."


class NotWhileOpen(Forbidden):
    """Whoever has broken the glass decides nothing about break-glass access."""

    code = "not_while_open"
    default_hint = "End your opening first, or ask another administrator of the registry."
