# SPDX-License-Identifier: Apache-2.0
"""What the registry holds and serves, as deltas that are only ever appended."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert

from entrepot.infra.database.prepared import Prepared
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import usage_deltas


class UsageKind(StrEnum):
    """What a delta counts."""

    BLOB = "blob"
    MANIFEST = "manifest"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class Delta:
    """A change of `bytes` and `count` (negative when something went) by one digest in one repository."""

    kind: UsageKind
    repository: RepositoryName
    repo_id: RepositoryId
    digest: Digest
    bytes: int
    count: int


_COLUMNS = ("namespace", "repo_id", "kind", "digest", "bytes", "count", "at")
_INSERT = Prepared(insert(usage_deltas).values({name: bindparam(name) for name in _COLUMNS}), *_COLUMNS)


def add(connection: Connection, deltas: Iterable[Delta], now: Milliseconds) -> None:
    """Append deltas."""
    rows = [
        (namespace_of(each.repository), each.repo_id, each.kind.value, each.digest, each.bytes, each.count, now)
        for each in deltas
    ]
    _INSERT.run_all(connection, rows)
