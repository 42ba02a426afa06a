# SPDX-License-Identifier: Apache-2.0
"""What becomes of exceptions when the account or the project that they are for is deleted, in that transaction."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.store import exceptions
from entrepot.features.guardrails.store import guardrails
from entrepot.features.guardrails.telling import told_of_exception
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import announce


def end_exceptions_of(connection: Connection, principal: str, now: Milliseconds) -> None:
    """Take back every exception for somebody such as `robot:team.ci`: another one of that name inherits none."""
    _tell(connection, exceptions.remove_of(connection, principal), now)


def end_exceptions_within(connection: Connection, project: str, now: Milliseconds) -> None:
    """Take back every exception for what is in a project: another one of that name inherits none."""
    _tell(connection, exceptions.remove_within(connection, project), now, f"the project {project} was deleted")


def _tell(connection: Connection, taken: Iterable[GuardrailException], now: Milliseconds, reason: str = "") -> None:
    for each in taken:
        guardrail = guardrails.find(connection, each.guardrail)
        if guardrail is not None:
            told = replace(told_of_exception(guardrail, each, is_taken=True), reason=reason)
            announce(connection, Change.GUARDRAIL_EXCEPTION_TAKEN, now, told)
