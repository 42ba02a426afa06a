# SPDX-License-Identifier: Apache-2.0
"""Acts that may take a second person: what whoever is about to do one asks, in the transaction that does it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from entrepot.kernel.access import Principal
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds


class Act(StrEnum):
    """What may take a second person. Values never change: they are stored."""

    PROJECT_DELETE = "project.delete"
    """Delete a project. The target is its name."""
    GUARDRAIL_WEAKEN = "guardrail.weaken"
    """Delete a guardrail that refuses, let it only simulate, or give an exception from it."""
    ARTIFACT_PURGE = "artifact.purge"
    """Delete an artifact with its bytes ahead of time. The target is `repository@digest`."""
    ADMINISTRATOR_ADD = "administrator.add"
    """Let somebody administer the registry who did not, or take over an account that does."""
    AUDIT_EXPORT = "audit.export"
    """Export records of the audit log. The target is the search, or `everything`."""
    APPROVALS_WEAKEN = "approvals.weaken"
    """Let an act take no second person any more. The target is the acts, in order and joined by commas."""


ALWAYS = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An act that somebody is about to do. What was approved counts for this act on this target alone."""

    act: Act
    target: str
    hours: int | None = None
    """For how long what it gives lasts, rounded up; None for good, or where it gives nothing that lasts."""
    since: Milliseconds = ALWAYS
    """When the target came to be what it is: whatever was asked for before was about another one of its name, or about
    a group in which somebody was not yet."""


class FourEyes(Protocol):
    """Knows which acts take a second person, and what a second person has approved."""

    def asks(self, connection: Connection, act: Act) -> bool:
        """Tell whether an act takes a second person now."""

    def require(self, connection: Connection, principal: Principal, attempt: Attempt) -> None:
        """Do nothing if `principal` may do it alone; use up what a second person has approved if not.

        It is used up only if the caller's transaction is committed. Raises `Forbidden` when nobody has approved.
        """


class NoSecondPerson:
    """Lets everybody act alone."""

    def asks(self, _connection: Connection, _act: Act) -> bool:
        """Tell that it does not."""
        return False

    def require(self, _connection: Connection, _principal: Principal, _attempt: Attempt) -> None:
        """Do nothing."""


ALONE = NoSecondPerson()


def hours_until(now: Milliseconds, expires_at: Milliseconds | None) -> int | None:
    """Return for how many hours something lasts that ends then, rounded up; None for what never ends."""
    return None if expires_at is None else max(0, -(-(expires_at - now) // HOUR_MS))
