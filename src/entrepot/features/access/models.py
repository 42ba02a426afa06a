# SPDX-License-Identifier: Apache-2.0
"""The words of access: whom a grant is given to besides accounts, and what it says."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from entrepot.features.identity import Standing
from entrepot.kernel.access import ANONYMOUS as NOBODY
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest

Standings = Mapping[PrincipalKind, Callable[[str], Awaitable[Standing]]]
"""For each kind of principal that has accounts: what the account of a name counts for now."""

EVERYONE = "everyone:everyone"
"""How everybody who is logged in stands in grants: users, robots and workloads."""

ANONYMOUS = "anonymous:anonymous"
"""How everybody stands in grants, logged in or not."""

MAX_NAME_CHARACTERS = 255
_ASKED_KINDS = frozenset({PrincipalKind.USER, PrincipalKind.ROBOT, PrincipalKind.WORKLOAD})


class Grant(NamedTuple):
    """A role on the repositories that match a path pattern. A tuple, since a decision may read hundreds of them."""

    path_pattern: str
    """`roles.SYSTEM` for a system role."""
    role: str
    tag_pattern: str = ""
    """For which tags the role allows to tag and to delete; empty for all."""
    actions: str | None = None
    """What the role allows, joined by commas, where it is not a built-in one."""
    expires_at: Milliseconds | None = None
    held_by: str = ""
    """Who was granted it: the principal itself, a group that it belongs to, `EVERYONE` or `ANONYMOUS`."""
    opening: str = ""
    """The opening of break-glass access that it belongs to; empty for all others."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may do something, and by which grant; by none where the project is open."""

    principal: str
    """Such as `user:alice`, `EVERYONE` or `ANONYMOUS`."""
    grant: Grant | None = None


class UnknownPrincipalKind(InvalidRequest):
    """Nobody is called so."""

    code = "principal_invalid"
    default_hint = "Write 'user:<name>', 'robot:<name>', 'workload:<name>' or 'anonymous'."


def parse_principal(text: str) -> Principal:
    """Read `user:alice`, `alice` for a user, `robot:team.ci`, `workload:…` or `anonymous`.

    Raises `UnknownPrincipalKind`.
    """
    if text in ("anonymous", ANONYMOUS):
        return NOBODY
    before, colon, after = text.partition(":")
    kind, name = (before, after) if colon else (PrincipalKind.USER.value, text)
    if kind not in _ASKED_KINDS or not (name.isprintable() and 0 < len(name) <= MAX_NAME_CHARACTERS):
        raise UnknownPrincipalKind(f"{text[:80]!r} names nobody who could do something")
    return Principal(PrincipalKind(kind), name)
