# SPDX-License-Identifier: Apache-2.0
"""Encrypting secrets of the database anew when the instance key is replaced, and telling which key each needs."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator

from sqlalchemy import Connection

from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.store.sealed import SealedColumn
from entrepot.infra.database.engine import Database
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


def reseal(database: Database, key: InstanceKey, columns: Iterable[SealedColumn], clock: Clock) -> Iterator[int]:
    """Encrypt what another key encrypted anew under the current one, in batches; yield how many each changed.

    Servers go on meanwhile. Stopped in the middle, it is taken up by calling it
    again; several at once do no harm. For commands. Raises `CannotUnseal`.
    """
    for column in columns:
        after, is_end = "", False
        while not is_end:
            changed, after = database.write_now(_reseal, column, key, after, clock())
            yield changed
            is_end = not after


def uses(database: Database, columns: Iterable[SealedColumn]) -> Counter[str]:
    """Count secrets by the key that they need, which is empty where they name none. For commands."""
    counts: Counter[str] = Counter()
    for column in columns:
        after, is_end = "", False
        while not is_end:
            some, after = database.snapshot_now(column.uses, after)
            counts += some
            is_end = not after
    return counts


def _reseal(
    connection: Connection, column: SealedColumn, key: InstanceKey, after: str, now: Milliseconds
) -> tuple[int, str]:
    changed, place = column.reseal(connection, key, after)
    if changed:
        told = Told(object=f"instance-key:{key.current.id}", after={"sealed": column.what}, count=changed)
        announce(connection, Change.KEY_ROTATED, now, told)
    return changed, place
