# SPDX-License-Identifier: Apache-2.0
"""Days that pass for what an application holds: everything it remembers happened that much earlier."""

from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.copies.tables import copies
from entrepot.features.promotions.tables import promotions
from entrepot.features.retention.tables import retention_policies
from entrepot.features.retention.tables import tag_expiries
from entrepot.features.usage.tables import usage_artifact_uses
from entrepot.features.usage.tables import usage_recordings
from entrepot.features.usage.tables import usage_tag_uses
from entrepot.kernel.clock import DAY_MS
from entrepot.registry.tables import holds
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags
from entrepot.registry.tables import tombstones
from tests.builders.application import Application

_MOMENTS = (
    manifests.c.pushed_at,
    manifests.c.restored_at,
    tags.c.updated_at,
    tag_history.c.changed_at,
    usage_recordings.c.uses_since,
    usage_artifact_uses.c.last_used_at,
    usage_tag_uses.c.last_used_at,
    tag_expiries.c.expires_at,
    tag_expiries.c.set_at,
    retention_policies.c.changed_at,
    retention_policies.c.begun_at,
    manifests.c.purge_after,
    repo_blobs.c.lease_until,
    tombstones.c.delete_after,
    holds.c.until,
    copies.c.follow_until,
    promotions.c.expires_at,
)


async def days_pass(application: Application, days: float) -> None:
    """Let so many days pass."""
    await application.settle()
    await application.database.write(_shift, int(days * DAY_MS))


def _shift(connection: Connection, milliseconds: int) -> None:
    for moment in _MOMENTS:
        connection.execute(update(moment.table).values({moment: moment - milliseconds}))
