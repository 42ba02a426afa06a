# SPDX-License-Identifier: Apache-2.0
"""What is said of grants that were given and taken, in the transaction that does it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.grants.models import StoredGrant
from entrepot.features.roles import SYSTEM
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a grant says beside whose it is."""

    role: str
    path_pattern: str
    tag_pattern: str
    expires_at: Milliseconds | None


def tell_given(connection: Connection, grant: StoredGrant, before: StoredGrant | None, now: Milliseconds) -> None:
    """Say that a grant is there, or ends at another moment than `before`; nothing if it is as it was."""
    if before is None:
        announce(connection, Change.GRANT_GIVEN, now, _told(grant, after=_terms(grant)))
    elif before.expires_at != grant.expires_at:
        told = _told(grant, before=_terms(before), after=_terms(grant))
        announce(connection, Change.GRANT_CHANGED, now, told)


def tell_taken(connection: Connection, taken: Iterable[StoredGrant], now: Milliseconds, reason: str = "") -> None:
    """Say that grants are gone."""
    for grant in taken:
        announce(connection, Change.GRANT_TAKEN, now, _told(grant, before=_terms(grant), reason=reason))


def _told(grant: StoredGrant, *, before: _Terms | None = None, after: _Terms | None = None, reason: str = "") -> Told:
    first = grant.path_pattern.partition("/")[0]
    project = "" if first == SYSTEM or "*" in first else first
    return Told(object=grant.principal, project=project, before=before, after=after, reason=reason)


def _terms(grant: StoredGrant) -> _Terms:
    return _Terms(grant.role, grant.path_pattern, grant.tag_pattern, grant.expires_at)
