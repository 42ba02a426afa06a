# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a group and its members."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class InvalidGroupName(InvalidRequest):
    """The group name is not valid."""

    code = "invalid_group_name"
    default_hint = "Use 1 to 128 of a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit."


class MemberInvalid(InvalidRequest):
    """The member is not valid."""

    code = "principal_invalid"
    default_hint = "Write 'user:<name>', 'group:<name>', 'robot:<name>' or 'workload:<name>'; a name alone is a user's."


class GroupUnknown(NotFound):
    """There is no such group."""

    code = "group_unknown"
    default_hint = "entrepot group list shows which there are."


class AccountUnknown(NotFound):
    """There is no such user or robot, or it is disabled."""

    code = "principal_unknown"
    default_hint = "Check the name; a member is an account that exists, and can be used."


class MemberUnknown(NotFound):
    """The group has no such member."""

    code = "member_unknown"
    default_hint = "entrepot group members GROUP shows who is in it; who is in a group in it is removed there."


class GroupExists(Conflict):
    """There is a group of this name already."""

    code = "group_exists"
    default_hint = "Choose another name, or put members into that group."


class GroupInItself(Conflict):
    """A group cannot be in itself, neither directly nor through others."""

    code = "group_in_itself"
    default_hint = "Take one of these groups out of the other first."


class GroupsTooDeep(Conflict):
    """Too many groups would be in one another."""

    code = "groups_too_deep"
    default_hint = "Put its members into the group themselves, or leave out a group in between."


class GroupFull(Conflict):
    """The group can have no more members."""

    code = "group_full"
    default_hint = "Remove some, or make groups of them and put those into it."


class TooManyGroups(Conflict):
    """This member can be in no more groups."""

    code = "too_many_groups"
    default_hint = "Remove it from some, or put one of its groups into this one."


class GroupOfProvider(Conflict):
    """The members of this group are decided by an identity provider."""

    code = "group_of_provider"
    default_hint = "Change them there, or make a group here and put this one into it, with others."
