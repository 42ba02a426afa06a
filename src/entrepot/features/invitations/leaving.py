# SPDX-License-Identifier: Apache-2.0
"""What becomes of what invitations offer in a project that is deleted, in that transaction."""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.invitations import store
from entrepot.features.invitations.models import InvitationState
from entrepot.features.invitations.models import Offer
from entrepot.features.invitations.models import told_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


def offer_nothing_in(connection: Connection, project: str, now: Milliseconds) -> None:
    """Let no pending invitation offer a grant in a project: another one of its name is meant by none.

    Goes before the removal of grants: who is accepted meanwhile has what was offered, and is waited for.
    """
    for invitation in store.lock_offering(connection, project, now):
        left = tuple(grant for grant in invitation.offer.grants if not grant.is_within(project))
        changed = replace(invitation, offer=Offer(invitation.offer.groups, left))
        store.offer(connection, changed)
        told = Told(
            object=f"invitation:{invitation.id}",
            before=told_of(invitation, InvitationState.PENDING),
            after=told_of(changed, InvitationState.PENDING),
            reason=f"the project {project} was deleted",
        )
        announce(connection, Change.INVITATION_CHANGED, now, told)
