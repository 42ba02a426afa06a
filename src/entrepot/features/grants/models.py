# SPDX-License-Identifier: Apache-2.0
"""The words of grants."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.grants.errors import PrincipalInvalid
from entrepot.features.grants.errors import RoleMisplaced
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.kernel.clock import Milliseconds

GrantId = NewType("GrantId", int)

MAX_NAME_CHARACTERS = 255


class GranteeKind(StrEnum):
    """To whom grants are given."""

    USER = "user"
    GROUP = "group"
    ROBOT = "robot"
    WORKLOAD = "workload"
    EVERYONE = "everyone"
    """Everybody who is logged in: users, robots and workloads."""
    ANONYMOUS = "anonymous"
    """Everybody, logged in or not."""


MANY = frozenset({GranteeKind.EVERYONE, GranteeKind.ANONYMOUS})
"""They have no name: there is one of each."""


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom a grant is given to."""

    kind: GranteeKind
    name: str

    def __str__(self) -> str:
        """Render as stored, such as `user:alice`."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant says: who has which role where, and for which tags if not for all. No two grants say the same."""

    grantee: Grantee
    path_pattern: str
    role: str
    tag_pattern: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no pattern. Raises `InvalidPattern`, `InvalidTagPattern` and `RoleMisplaced`."""
        is_system = self.path_pattern == SYSTEM
        if is_system is not (self.role in SYSTEM_ROLE_ACTIONS):
            raise RoleMisplaced(f"the role {self.role} cannot be given on {self.path_pattern}")
        if not is_system:
            parse_pattern(self.path_pattern)
        if self.tag_pattern:
            parse_tag_pattern(self.tag_pattern)
        if is_system and (self.tag_pattern or self.grantee.kind in MANY):
            raise RoleMisplaced("a system role is for somebody in particular, and has nothing to do with tags")


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant as it is in the table; `principal` and `created_by` are such as `user:alice`."""

    id: GrantId
    principal: str
    path_pattern: str
    role: str
    tag_pattern: str
    expires_at: Milliseconds | None
    created_at: Milliseconds
    created_by: str
    opening: str = ""
    """The opening of break-glass access that it belongs to, and ends with; empty for all others."""


def parse_grantee(text: str) -> Grantee:
    """Read `user:alice`, `alice` for a user, `group:developers`, `robot:team.ci`, `everyone` or `anonymous`.

    Raises `PrincipalInvalid`.
    """
    if text in MANY:
        return Grantee(GranteeKind(text), text)
    before, colon, after = text.partition(":")
    kind, name = (before, after) if colon else (GranteeKind.USER.value, text)
    is_kind = kind in set(GranteeKind) and (kind not in MANY or name == kind)
    if not is_kind or not (name.isprintable() and 0 < len(name) <= MAX_NAME_CHARACTERS):
        raise PrincipalInvalid(f"{text[:80]!r} names nobody to whom a role can be granted")
    return Grantee(GranteeKind(kind), name)


def grantee_of(grant: StoredGrant) -> Grantee:
    """Return whom a grant was given to."""
    kind, _, name = grant.principal.partition(":")
    return Grantee(GranteeKind(kind), name)
