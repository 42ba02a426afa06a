# SPDX-License-Identifier: Apache-2.0
"""Custom roles that step aside for built-in ones of a newer version, when it starts."""

from itertools import count

import structlog
from sqlalchemy import Connection

from entrepot.features.roles import store
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import ENTREPOT
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce

log = structlog.get_logger(__name__)


def step_aside(connection: Connection, now: Milliseconds) -> None:
    """Give every custom role that is called as a built-in one another name; whoever has it keeps it."""
    for role in store.lock_built_in_since(connection):
        new_name = _free_name(connection, role.name)
        store.rename(connection, role.name, new_name)
        told = Told(
            object=f"role:{role.name}",
            before={"name": role.name},
            after={"name": new_name},
            reason=f"{role.name} is a built-in role in this version",
            principal=ENTREPOT,
        )
        announce(connection, Change.ROLE_CHANGED, now, told)
        log.warning("role.renamed", role=role.name, called_now=new_name)


def _free_name(connection: Connection, name: str) -> str:
    names = (f"{name}-custom{'' if number == 1 else number}" for number in count(1))
    return next(each for each in names if store.find(connection, each) is None)
