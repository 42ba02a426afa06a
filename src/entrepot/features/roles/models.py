# SPDX-License-Identifier: Apache-2.0
"""The words of roles: which there are, and what each allows."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from entrepot.features.roles.errors import InvalidRoleName
from entrepot.features.roles.errors import RoleBuiltIn
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds

SYSTEM = "SYSTEM"
"""The path pattern of grants of system roles. No repository is called so: their names have no capitals."""


class Role(StrEnum):
    """A built-in role in repositories, from little to much."""

    VIEW = "view"
    READ = "read"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"


class SystemRole(StrEnum):
    """A built-in role on the registry as a whole."""

    AUDITOR = "auditor"
    OPERATOR = "operator"
    WITNESS = "witness"
    ADMINISTRATOR = "administrator"


_VIEW = frozenset({Action.READ})
_READ = _VIEW | {Action.PULL}
_WRITE = _READ | {Action.PUSH, Action.CREATE, Action.TAG, Action.SIGN}
_MAINTAIN = _WRITE | {Action.DELETE, Action.SCAN, Action.MANAGE_POLICY}

ROLE_ACTIONS: Mapping[str, frozenset[Action]] = MappingProxyType(
    {
        Role.VIEW: _VIEW,
        Role.READ: _READ,
        Role.WRITE: _WRITE,
        Role.MAINTAIN: _MAINTAIN,
        Role.ADMIN: frozenset(Action),
        SystemRole.AUDITOR: _READ,
        SystemRole.OPERATOR: frozenset(),
        SystemRole.WITNESS: frozenset(),
        SystemRole.ADMINISTRATOR: frozenset(Action),
    }
)
"""What each built-in role allows in repositories, a system role in every one. Who may only write may not delete."""

SYSTEM_ROLE_ACTIONS: Mapping[str, frozenset[SystemAction]] = MappingProxyType(
    {
        SystemRole.AUDITOR: frozenset({SystemAction.READ_SYSTEM, SystemAction.READ_ACCOUNTS, SystemAction.READ_AUDIT}),
        SystemRole.OPERATOR: frozenset({SystemAction.READ_SYSTEM, SystemAction.OPERATE}),
        SystemRole.WITNESS: frozenset({SystemAction.WITNESS}),
        SystemRole.ADMINISTRATOR: frozenset(SystemAction),
    }
)
"""What each system role allows to do to the registry as a whole. An operator reads no content."""

_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        Role.VIEW: "See what there is, but not its content.",
        Role.READ: "Pull.",
        Role.WRITE: "Pull and push, make repositories, set tags, sign.",
        Role.MAINTAIN: "Write, delete, have artifacts scanned, change rules.",
        Role.ADMIN: "Everything in the repositories; choose members and robots.",
        SystemRole.AUDITOR: "Read everything and change nothing.",
        SystemRole.OPERATOR: "Run the registry and read no content.",
        SystemRole.WITNESS: "Leave checkpoints of another registry here.",
        SystemRole.ADMINISTRATOR: "Everything, everywhere.",
    }
)

_IMPLIED: Mapping[Action, frozenset[Action]] = MappingProxyType(
    {Action.PULL: frozenset({Action.READ}), Action.ADMIN: frozenset(Action)}
)


@lru_cache(maxsize=1024)
def actions_of(role: str, custom: str | None = None) -> frozenset[Action]:
    """Return what a role allows; `custom` are the stored actions of one that is not built in, joined by commas.

    A built-in role allows no more than it does, whatever is stored under its name.
    Raises `ValueError` for a role or an action that this version does not know.
    """
    if role in ROLE_ACTIONS:
        return ROLE_ACTIONS[role]
    if custom is None:
        raise ValueError(f"there is no built-in role {role}")
    return with_implied(Action(name) for name in custom.split(",") if name)


def with_implied(actions: Iterable[Action]) -> frozenset[Action]:
    """Add what follows from actions: who may pull may read, and who may `admin` may do everything."""
    named = frozenset(actions)
    return named.union(*(_IMPLIED.get(action, frozenset()) for action in named))


@dataclass(frozen=True, slots=True)
class RoleTerms:
    """What a custom role is for, and what it allows; that which follows from its actions need not be named."""

    description: str
    actions: frozenset[Action]


@dataclass(frozen=True, slots=True)
class KnownRole:
    """A role that can be given. When and by whom it was made is None for one that is built in."""

    name: str
    description: str
    actions: tuple[str, ...]
    """As they were named. Of a custom role, this version may not know all of them: then it allows nothing."""
    created_at: Milliseconds | None = None
    created_by: str | None = None

    @property
    def is_built_in(self) -> bool:
        """Whether it is part of Entrepot, and always the same."""
        return self.name in ROLE_ACTIONS

    @property
    def is_system(self) -> bool:
        """Whether it is given on the registry as a whole, and not on repositories."""
        return self.name in SYSTEM_ROLE_ACTIONS

    @property
    def allowed(self) -> tuple[Action, ...]:
        """What it lets do in repositories, with what follows from its actions."""
        try:
            return in_order(with_implied(Action(name) for name in self.actions))
        except ValueError:
            return ()

    @property
    def system_actions(self) -> tuple[SystemAction, ...]:
        """What it lets do to the registry as a whole."""
        allowed = SYSTEM_ROLE_ACTIONS.get(self.name, frozenset())
        return tuple(action for action in SystemAction if action in allowed)


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return actions as they are always listed, from little to much."""
    named = frozenset(actions)
    return tuple(action for action in Action if action in named)


BUILT_IN_ROLES = tuple(
    KnownRole(str(name), _DESCRIPTIONS[name], in_order(actions)) for name, actions in ROLE_ACTIONS.items()
)
"""Those for repositories, from little to much, and then those of the registry as a whole."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


def parse_role_name(text: str) -> str:
    """Check the name of a role, built in or not. Raises `InvalidRoleName`."""
    if _NAME.fullmatch(text) is None:
        raise InvalidRoleName(f"{text[:80]!r} is not the name of a role")
    return text


def parse_custom_name(text: str) -> str:
    """Check the name of a role that is made or changed. Raises `InvalidRoleName` and `RoleBuiltIn`."""
    if parse_role_name(text) in ROLE_ACTIONS:
        raise RoleBuiltIn(f"{text} is a built-in role: it cannot be made, changed or deleted")
    return text
