# SPDX-License-Identifier: Apache-2.0
"""How inviting people, and accepting an invitation, is refused."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class InvitationInvalid(InvalidRequest):
    """The invitation cannot be made like this."""

    code = "invitation_invalid"


class InvitationUnknown(NotFound):
    """There is no such invitation."""

    code = "invitation_unknown"
    default_hint = "GET /api/v1/invitations lists those there are."


class InvitationNotPending(Conflict):
    """The invitation has ended before."""

    code = "invitation_not_pending"


class TooManyInvitations(Conflict):
    """There are as many invitations that wait to be accepted as there may be."""

    code = "too_many_invitations"
    default_hint = "Revoke some that nobody will accept."


class InvitationNotGood(NotFound):
    """The invitation is not good: it was used, revoked or has run out, or never was one."""

    code = "invitation_not_good"
    default_hint = "Check that the whole link was copied, or ask for another one."


class NameIsFixed(InvalidRequest):
    """The invitation is for another user name."""

    code = "name_is_fixed"


class NameMissing(InvalidRequest):
    """The user name is missing: the invitation leaves it to you."""

    code = "name_missing"
