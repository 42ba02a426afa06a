# SPDX-License-Identifier: Apache-2.0
"""What is told of changes to where mail goes, to rules, and of tests."""

from typing import Any

from sqlalchemy import Connection

from entrepot.features.notifications.rules import Rule
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome


def tell_address(connection: Connection, person: str, before: str, after: str, now: Milliseconds) -> None:
    """Say that mail to somebody goes elsewhere. The record has no addresses: only whether there is one."""
    told = Told(object=person, before={"has_address": bool(before)}, after={"has_address": bool(after)})
    announce(connection, Change.NOTIFICATION_ADDRESS_CHANGED, now, told)


def tell_rule(connection: Connection, before: Rule, after: Rule, now: Milliseconds) -> None:
    """Say that a threshold rule was changed."""
    told = Told(object=f"notification-rule:{after.spec.name}", before=_plain(before), after=_plain(after))
    announce(connection, Change.NOTIFICATION_RULE_CHANGED, now, told)


def tell_test(connection: Connection, error: str, now: Milliseconds) -> None:
    """Say that somebody had a test mail sent, and what came of it."""
    outcome = Outcome.FAILED if error else Outcome.DONE
    announce(connection, Change.NOTIFICATION_MAIL_TESTED, now, Told(object="mail:test", outcome=outcome, reason=error))


def _plain(rule: Rule) -> dict[str, Any]:
    terms = rule.terms
    return {
        "is_enabled": terms.is_enabled,
        "levels": list(terms.levels),
        "window_minutes": terms.window_minutes,
        "capacity_bytes": terms.capacity_bytes,
    }
