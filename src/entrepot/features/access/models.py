# SPDX-License-Identifier: Apache-2.0
"""The words of access: roles and grants."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from entrepot.features.identity import Standing
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind

Standings = Mapping[PrincipalKind, Callable[[str], Awaitable[Standing]]]
"""For each kind of principal that has accounts: what the account of a name counts for now."""


class Role(StrEnum):
    """A named set of actions that a grant gives."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


ROLE_ACTIONS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.READ: frozenset({Action.PULL}),
        Role.WRITE: frozenset({Action.PULL, Action.PUSH}),
        Role.ADMIN: frozenset(Action),
    }
)
"""What each role allows. Who may push may not delete: that takes `admin`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a principal has on the repositories that match a path pattern."""

    path_pattern: str
    role: str
