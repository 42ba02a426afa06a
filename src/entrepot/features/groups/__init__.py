# SPDX-License-Identifier: Apache-2.0
"""Groups of users, robots and other groups, that grants are given to. See docs/how-to/groups.md."""

from entrepot.features.groups.admission import admit
from entrepot.features.groups.models import GroupName
from entrepot.features.groups.models import Member
from entrepot.features.groups.models import MemberKind
from entrepot.features.groups.models import parse_group_name
from entrepot.features.groups.models import parse_member
from entrepot.features.groups.store import administers
from entrepot.features.groups.store import everybody_in
from entrepot.features.groups.store import exists
from entrepot.features.groups.store import find as find_group
from entrepot.features.groups.store import group_made_at
from entrepot.features.groups.store import holders
from entrepot.features.groups.store import last_joined_at
from entrepot.features.groups.store import leave

__all__ = [
    "GroupName",
    "Member",
    "MemberKind",
    "administers",
    "admit",
    "everybody_in",
    "exists",
    "find_group",
    "group_made_at",
    "holders",
    "last_joined_at",
    "leave",
    "parse_group_name",
    "parse_member",
]
