# SPDX-License-Identifier: Apache-2.0
"""The tables of roles: what each lets do, and what that means, as the code says it."""

import ast
import inspect
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise

from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction


def role_reference() -> str:
    """Return the tables: what roles let do in repositories, and system roles to the registry as a whole."""
    return "\n".join(
        [
            "## In repositories",
            "",
            *_table(Action, ROLE_ACTIONS),
            "",
            "## To the registry as a whole",
            "",
            *_table(SystemAction, SYSTEM_ROLE_ACTIONS),
        ]
    )


def meanings(actions: type[StrEnum]) -> dict[str, str]:
    """Return the docstring of each member, by value. Raises `LookupError` for a member without one."""
    [definition] = ast.parse(inspect.getsource(actions)).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    found = {
        ast.unparse(member.targets[0]): after.value.value
        for member, after in pairwise(body)
        if isinstance(member, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    }
    if missing := [each.name for each in actions if each.name not in found]:
        raise LookupError(f"{', '.join(missing)} of {actions.__name__} has no docstring that says what it means")
    return {each.value: str(found[each.name]) for each in actions}


def _table(actions: type[StrEnum], allowed: Mapping[str, Collection[str]]) -> Iterable[str]:
    roles = list(allowed)
    yield _row("action", "lets", *(f"`{role}`" for role in roles))
    yield "|" + "---|" * (len(roles) + 2)
    for action, meaning in meanings(actions).items():
        yield _row(f"`{action}`", meaning, *("yes" if action in allowed[role] else "" for role in roles))


def _row(*cells: str) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
