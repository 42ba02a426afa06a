# SPDX-License-Identifier: Apache-2.0
"""The use cases of naming: showing and setting rules."""

from collections.abc import Awaitable
from collections.abc import Callable

from sqlalchemy import Connection

from entrepot.features.access import is_within
from entrepot.features.naming import store
from entrepot.features.naming.errors import NamingInvalid
from entrepot.features.naming.models import NOUN
from entrepot.features.naming.models import Rule
from entrepot.features.naming.telling import plain
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import require_existing
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.platform import Platform
from entrepot.registry.rule_book_keeping import RuleBooks
from entrepot.registry.rule_book_keeping import Ruleset
from entrepot.registry.rule_book_keeping import forget_rules

NAMING: Ruleset[Rule] = Ruleset(
    NOUN, Change.NAMING_CHANGED, store.encode, store.decode, plain, is_within, NamingInvalid
)

Naming = RuleBooks[Rule, ProjectName]


def open_naming(platform: Platform, take_effect: Callable[[], Awaitable[None]], rights: ProjectRights) -> Naming:
    """Return the use cases."""
    return RuleBooks(platform, NAMING, take_effect, rights, require_existing)


def forget_naming(connection: Connection, project: str, now: Milliseconds) -> None:
    """Forget the rules of a project that is deleted: another one of its name inherits none."""
    forget_rules(connection, NAMING, project, now)
