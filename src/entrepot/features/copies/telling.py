# SPDX-License-Identifier: Apache-2.0
"""What is told of copies."""

from typing import Any

from sqlalchemy import Connection

from entrepot.features.copies.models import Copy
from entrepot.kernel.access import principal_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome


def tell(connection: Connection, change: Change, copy: Copy, now: Milliseconds, **more: Any) -> None:
    """Tell of a copy, as what whoever asked for it did; `more` says who else did it, and what came of it."""
    first = copy.items[0]
    facts: dict[str, Any] = {
        "source": copy.source,
        "target": copy.target,
        "artifacts": [{"digest": item.digest, "tags": list(item.tags)} for item in copy.items[:20]],
        "count": len(copy.items),
    }
    if change is not Change.COPY_STARTED:
        facts |= {"state": copy.state.value, "manifests": copy.brought.manifests, "late": copy.brought.late}
    told = Told(
        object=f"copy:{copy.id}",
        project=namespace_of(copy.target),
        repository=copy.target,
        digest=Digest(first.digest),
        after=facts,
        reason=copy.reason,
        outcome=more.get("outcome", Outcome.DONE),
        principal=more.get("principal") or principal_of(copy.asker.identity, copy.asker.credential),
    )
    announce(connection, change, now, told)
