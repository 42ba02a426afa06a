# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about invitations."""

from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.invitations.models import Invitation
from entrepot.features.invitations.models import Offer
from entrepot.features.invitations.tables import invitations
from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

_COLUMNS = (
    invitations.c.id,
    invitations.c.secret_hmac,
    invitations.c.label,
    invitations.c.user_name,
    invitations.c.terms,
    invitations.c.invited_by,
    invitations.c.created_at,
    invitations.c.expires_at,
    invitations.c.ended_at,
    invitations.c.accepted_as,
)
_FIND = select(*_COLUMNS).where(invitations.c.id == bindparam("id"))
_BY_SECRET = select(*_COLUMNS).where(invitations.c.secret_hmac == bindparam("secret_hmac"))
_PAGE = (
    select(*_COLUMNS)
    .where(invitations.c.id < bindparam("before"))
    .order_by(invitations.c.id.desc())
    .limit(bindparam("limit"))
)
_IS_PENDING = (invitations.c.ended_at.is_(None), invitations.c.expires_at > bindparam("now"))
_COUNT_PENDING = select(func.count()).select_from(invitations).where(*_IS_PENDING)
_END = (
    update(invitations)
    .where(invitations.c.id == bindparam("of"), *_IS_PENDING)
    .values(ended_at=bindparam("now"), accepted_as=bindparam("name"))
)
_OFFERING = (
    select(*_COLUMNS)
    .where(*_IS_PENDING, Contains(invitations.c.terms, bindparam("text")))
    .order_by(invitations.c.id)
    .with_for_update()
)
_OFFER = update(invitations).where(invitations.c.id == bindparam("of")).values(terms=bindparam("offered"))
_PRUNE = delete(invitations).where(
    or_(invitations.c.ended_at < bindparam("before"), invitations.c.expires_at < bindparam("before"))
)


def find(connection: Connection, invitation_id: str) -> Invitation | None:
    """Return an invitation, whatever its state."""
    row = connection.execute(_FIND, {"id": invitation_id}).first()
    return None if row is None else _invitation(row)


def with_secret(connection: Connection, secret_hmac: bytes) -> Invitation | None:
    """Return the invitation that a secret is of, whatever its state."""
    row = connection.execute(_BY_SECRET, {"secret_hmac": secret_hmac}).first()
    return None if row is None else _invitation(row)


def page(connection: Connection, before: str, limit: int) -> list[Invitation]:
    """Return up to `limit` invitations that are older than the id `before`, newest first."""
    return [_invitation(row) for row in connection.execute(_PAGE, {"before": before, "limit": limit})]


def count_pending(connection: Connection, now: Milliseconds) -> int:
    """Return how many wait to be accepted."""
    found: int = connection.execute(_COUNT_PENDING, {"now": now}).scalar_one()
    return found


def add(connection: Connection, invitation: Invitation) -> None:
    """Store an invitation."""
    row = {
        "id": invitation.id,
        "secret_hmac": invitation.secret_hmac,
        "label": invitation.label,
        "user_name": invitation.user_name,
        "terms": _stored(invitation.offer),
        "invited_by": invitation.invited_by,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "ended_at": invitation.ended_at,
        "accepted_as": invitation.accepted_as,
    }
    connection.execute(insert(invitations), row)


def end(connection: Connection, invitation_id: Ulid, now: Milliseconds, accepted_as: str | None = None) -> bool:
    """Let a pending invitation end, accepted or revoked; tell whether this call did."""
    return connection.execute(_END, {"of": invitation_id, "now": now, "name": accepted_as}).rowcount == 1


def lock_offering(connection: Connection, project: str, now: Milliseconds) -> list[Invitation]:
    """Return the pending invitations that offer a grant in a project; none is accepted until this transaction ends."""
    rows = connection.execute(_OFFERING, {"now": now, "text": containing(f'"{project}')})
    found = (_invitation(row) for row in rows)
    return [each for each in found if any(grant.is_within(project) for grant in each.offer.grants)]


def offer(connection: Connection, invitation: Invitation) -> None:
    """Store what an invitation offers from now on."""
    connection.execute(_OFFER, {"of": invitation.id, "offered": _stored(invitation.offer)})


def prune(connection: Connection, before: Milliseconds) -> None:
    """Remove those that ended before a moment."""
    connection.execute(_PRUNE, {"before": before})


def _stored(offered: Offer) -> str:
    return msgspec.json.encode(offered).decode()


def _invitation(row: Any) -> Invitation:
    invitation_id, secret_hmac, label, user_name, terms, *others = row
    return Invitation(
        Ulid(invitation_id), secret_hmac, label, user_name, msgspec.json.decode(terms, type=Offer), *others
    )
