# SPDX-License-Identifier: Apache-2.0
"""The words of grants."""

from dataclasses import dataclass
from typing import NewType

from entrepot.features.access import Role
from entrepot.features.access import parse_pattern
from entrepot.features.grants.errors import PrincipalInvalid
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds

GrantId = NewType("GrantId", int)

GRANTED_KINDS = (PrincipalKind.USER, PrincipalKind.ROBOT)
MAX_NAME_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom a grant is given to."""

    kind: PrincipalKind
    name: str

    def __str__(self) -> str:
        """Render as stored, such as `user:alice`."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant says: who has which role where. No two grants say the same."""

    grantee: Grantee
    path_pattern: str
    role: Role

    def __post_init__(self) -> None:
        """Refuse what is no path pattern. Raises `InvalidPattern`."""
        parse_pattern(self.path_pattern)


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant as it is in the table; `principal` and `created_by` are such as `user:alice`."""

    id: GrantId
    principal: str
    path_pattern: str
    role: str
    created_at: Milliseconds
    created_by: str


def parse_grantee(text: str) -> Grantee:
    """Read `user:alice`, `robot:ci`, or `alice` for a user. Raises `PrincipalInvalid`."""
    before, colon, after = text.partition(":")
    kind, name = (before, after) if colon else (PrincipalKind.USER.value, text)
    if kind not in GRANTED_KINDS or not (name.isprintable() and 0 < len(name) <= MAX_NAME_CHARACTERS):
        raise PrincipalInvalid(f"{text[:80]!r} names nobody to whom a role can be granted")
    return Grantee(PrincipalKind(kind), name)
