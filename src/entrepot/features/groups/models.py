# SPDX-License-Identifier: Apache-2.0
"""The words of groups."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from entrepot.features.groups.errors import InvalidGroupName
from entrepot.features.groups.errors import MemberInvalid
from entrepot.kernel.clock import Milliseconds

GroupName = NewType("GroupName", str)

MAX_NESTED = 10
"""How many groups there may be in one another, the outermost and the innermost counted."""

MAX_MEMBERS = 100_000
"""How many may be in one group directly."""

MAX_GROUPS = 1_000
"""In how many groups one member may be directly."""

MAX_NAME_CHARACTERS = 255

_GROUP_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


class MemberKind(StrEnum):
    """Who can be in a group."""

    USER = "user"
    GROUP = "group"
    ROBOT = "robot"
    WORKLOAD = "workload"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who can be in a group."""

    kind: MemberKind
    name: str

    def __str__(self) -> str:
        """Render as stored, such as `user:alice`."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Group:
    """A group. `created_by` is a principal such as `user:alice`."""

    name: GroupName
    description: str
    created_at: Milliseconds
    created_by: str
    provider: str | None = None
    """The identity provider that decides who is in it; None when that is decided here."""


@dataclass(frozen=True, slots=True)
class Membership:
    """That somebody is in a group directly; `member` and `created_by` are such as `user:alice`."""

    group: GroupName
    member: str
    created_at: Milliseconds
    created_by: str


def parse_group_name(text: str) -> GroupName:
    """Return `text` if a group may be called so. Raises `InvalidGroupName`."""
    if _GROUP_NAME.fullmatch(text) is None:
        raise InvalidGroupName(f"{text[:80]!r} is not the name of a group")
    return GroupName(text)


def parse_member(text: str) -> Member:
    """Read `user:alice`, `alice` for a user, `group:developers`, `robot:team.ci` or `workload:…`.

    Raises `MemberInvalid` and `InvalidGroupName`.
    """
    before, colon, after = text.partition(":")
    kind, name = (before, after) if colon else (MemberKind.USER.value, text)
    is_name = name.isascii() and name.isprintable() and 0 < len(name) <= MAX_NAME_CHARACTERS
    if kind not in set(MemberKind) or not is_name:
        raise MemberInvalid(f"{text[:80]!r} names nobody who could be in a group")
    return Member(MemberKind(kind), parse_group_name(name) if kind == MemberKind.GROUP else name)
