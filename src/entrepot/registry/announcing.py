# SPDX-License-Identifier: Apache-2.0
"""Saying what changed, in the transaction that changes it: so that the record of it is there if, and only if, it is.

Who did it, from where and in which request is taken from the request that is being answered.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from entrepot.infra.events import outbox
from entrepot.kernel.access import Principal
from entrepot.kernel.access import internal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import about_request
from entrepot.oci.digest import Digest
from entrepot.registry.events import Event
from entrepot.registry.events import Outcome
from entrepot.registry.events import encode

MAX_REASON_CHARACTERS = 500

ENTREPOT = internal("entrepot")
"""Who changes something where nobody asked for it: a job, a command on the server itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a change. Never a secret, nor its hash."""

    object: str
    """What was changed, as `kind:name`, such as `robot:team-ci`."""
    project: str = ""
    """The project it belongs to, whose administrators may read of it; empty for what is of the whole registry."""
    repository: str = ""
    digest: Digest | None = None
    """The artifact of that repository that it is about."""
    before: Any = None
    """What it was: a frozen dataclass or a mapping of plain values, as JSON can say it; None where there was nothing"""
    after: Any = None
    """What it is now, likewise."""
    outcome: Outcome = Outcome.DONE
    reason: str = ""
    principal: Principal | None = None
    """Who did it, where that is not who sent the request."""
    count: int = 1


def announce(
    connection: Connection, change: Change, now: Milliseconds, told: Told, facts: RequestFacts | None = None
) -> None:
    """Say in the caller's transaction that something changed, in the request that is answered or that of `facts`."""
    facts = facts or about_request()
    principal = told.principal or facts.principal or ENTREPOT
    event = Event(
        type=change.value,
        id=new_ulid(),
        occurred_at=now,
        origin="",
        project=told.project,
        repository=told.repository,
        digest=told.digest,
        principal=principal.identity,
        credential=principal.credential,
        address=facts.address,
        agent=facts.agent,
        request_id=facts.request_id,
        object=told.object,
        before=told.before,
        after=told.after,
        outcome=told.outcome,
        reason=told.reason[:MAX_REASON_CHARACTERS],
        count=told.count,
    )
    kind, payload = encode(event)
    outbox.append(connection, [outbox.NewRow(event.id, kind, now, payload)])
