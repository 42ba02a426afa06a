# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a grant."""

from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class PrincipalInvalid(InvalidRequest):
    """The principal is not valid."""

    code = "principal_invalid"
    default_hint = (
        "Write 'user:<name>', 'group:<name>', 'robot:<name>', 'workload:<name>', 'everyone' or 'anonymous'; "
        "a name alone is a user's."
    )


class RoleMisplaced(InvalidRequest):
    """The role cannot be given there."""

    code = "role_misplaced"
    default_hint = (
        "auditor, operator, witness and administrator are given on SYSTEM, the registry as a whole; "
        "all others on repositories."
    )


class ExpiryInvalid(InvalidRequest):
    """A grant cannot end then."""

    code = "expiry_invalid"
    default_hint = "Name a moment that is yet to come, or leave it out."


class PrincipalUnknown(NotFound):
    """There is no such principal, or it is disabled."""

    code = "principal_unknown"
    default_hint = "Check the name; a role is granted to an account that exists, and can be used by it."


class GrantUnknown(NotFound):
    """There is no such grant."""

    code = "grant_unknown"


class MemberUnknown(NotFound):
    """The project has no such member."""

    code = "member_unknown"
