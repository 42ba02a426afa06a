# SPDX-License-Identifier: Apache-2.0
"""The words of rule books."""

from dataclasses import dataclass

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Conflict

REGISTRY = ""
"""The project of the rules of the registry as a whole."""

MAX_RULES_OF_ALL = 20_000
"""Of one noun, in all books: every process holds them in memory."""


THE_BEGINNING = Milliseconds(0)


class RulesChanged(Conflict):
    """The rules were changed meanwhile."""

    code = "rules_changed"
    default_hint = "Look at them anew, and send the revision that they have now."


class TooManyRules(Conflict):
    """There are as many rules in this registry as there can be."""

    code = "too_many_rules"
    default_hint = "One rule of the registry may be about many projects, as with team-*/**."


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of the registry or of a project, as JSON in order. `revision` 0 says that none were ever set."""

    project: str
    rules: str = "[]"
    count: int = 0
    revision: int = 0
    changed_at: Milliseconds = THE_BEGINNING
    changed_by: str = ""
