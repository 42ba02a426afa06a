# SPDX-License-Identifier: Apache-2.0
"""What becomes of exceptions when the account that they are for is deleted, in that transaction."""

from sqlalchemy import Connection

from entrepot.features.guardrails.store import exceptions
from entrepot.features.guardrails.store import guardrails
from entrepot.features.guardrails.telling import told_of_exception
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import announce


def end_exceptions_of(connection: Connection, principal: str, now: Milliseconds) -> None:
    """Take back every exception for somebody such as `robot:team.ci`: another one of that name inherits none."""
    for taken in exceptions.remove_of(connection, principal):
        guardrail = guardrails.find(connection, taken.guardrail)
        if guardrail is not None:
            told = told_of_exception(guardrail, taken, is_taken=True)
            announce(connection, Change.GUARDRAIL_EXCEPTION_TAKEN, now, told)
