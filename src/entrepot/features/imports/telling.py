# SPDX-License-Identifier: Apache-2.0
"""What is told of imports. Of a source only its origin is; never who asks it."""

from typing import Any

from sqlalchemy import Connection

from entrepot.features.imports.models import Import
from entrepot.features.imports.models import Totals
from entrepot.kernel.access import Principal
from entrepot.kernel.access import principal_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome

_TOLD_NAMES = 20


def tell(
    connection: Connection,
    change: Change,
    about: Import,
    now: Milliseconds,
    *,
    principal: Principal | None = None,
    totals: Totals | None = None,
) -> None:
    """Tell of an import, as what whoever asked for it did, unless somebody else did it."""
    terms = about.terms
    facts: dict[str, Any] = {
        "source": about.url,
        "project": about.project,
        "work": about.work.value,
        "state": about.state.value,
        "repositories": list(terms.names[:_TOLD_NAMES]),
        "patterns": list(terms.patterns[:_TOLD_NAMES]),
    }
    if totals is not None:
        counts = totals.counts
        facts |= {"brought": counts.brought, "same": counts.same, "kept": counts.kept, "failed": counts.failed}
        facts |= {"new_bytes": counts.new_bytes}
    is_bad = change is Change.IMPORT_ENDED and about.state.value == "failed"
    told = Told(
        object=f"import:{about.id}",
        project=about.project,
        after=facts,
        reason=about.reason,
        outcome=Outcome.FAILED if is_bad else Outcome.DONE,
        principal=principal or principal_of(about.asker.identity, about.asker.credential),
    )
    announce(connection, change, now, told)
