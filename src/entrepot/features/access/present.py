# SPDX-License-Identifier: Apache-2.0
"""What a user may do as the caller's transaction sees it, where what was known two seconds ago is not enough."""

from sqlalchemy import Connection

from entrepot.features.access import store
from entrepot.features.access.evaluate import Rights
from entrepot.features.identity import Standing
from entrepot.features.identity import standing_of
from entrepot.kernel.clock import Milliseconds


def present_rights(connection: Connection, name: str, now: Milliseconds) -> Rights:
    """Return what the user of this name may do; nothing if it is disabled, or there is none."""
    if standing_of(connection, name) is Standing.NONE:
        return Rights()
    return Rights(store.held(connection, f"user:{name}", "", now).grants, is_account=True)
