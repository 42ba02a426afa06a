# SPDX-License-Identifier: Apache-2.0
"""Repositories with tags, and somebody who may read some of them."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.features.search.territory import Bounds
from entrepot.features.search.territory import Territories
from entrepot.features.search.territory import Territory
from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Reach
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import behind
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.fakes.allow_nothing import AllowNothing
from tests.interop.core_alone import EverybodyIsKnown

MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
SOMEBODY = Principal(PrincipalKind.USER, "somebody")
SOMEBODY_ELSE = Principal(PrincipalKind.USER, "else")


class MayReadSome(AllowNothing):
    """Lets everybody read what begins like one of `open_to_all`, and says that it lies in `spans`."""

    def __init__(self) -> None:
        self.open_to_all: tuple[str, ...] = ("",)
        self.spans: list[Span] = [EVERY_NAME]

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Tell whether it may be read."""
        return action in OPEN_ACTIONS and repository.startswith(self.open_to_all)

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those that may be read."""
        return {name for name in repositories if name.startswith(self.open_to_all)}

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead to the spans."""
        return Reach(behind(self.spans, after))


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is, and who may read it."""

    running: RunningCore
    authorizer: MayReadSome = field(default_factory=MayReadSome)

    def hold(self, repository: str, *names: str, digest: str = "sha256:00", deleted: bool = False) -> None:
        """Have tags in a repository that all point at one manifest, or did so before they were deleted. Blocks."""
        self.running.database.write_now(_hold, repository, names, digest, deleted)

    def territory(self, **bounds: int) -> Territory:
        """Return what somebody may read; nobody looks at more than `bounds`."""
        return self.territories(system_clock, **bounds).of(SOMEBODY)

    def territories(self, clock: Clock, **bounds: int) -> Territories:
        """Return what each may read; nobody looks at more than `bounds`."""
        database, rights = self.running.database, Rights(EverybodyIsKnown(), self.authorizer)
        return Territories(database, rights, Repositories(self.running.core), clock, Bounds(**bounds))


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[Stock]:
    """Hold nothing yet."""
    with a_core(tmp_path) as running:
        yield Stock(running)


def _hold(connection: Connection, repository: str, names: Iterable[str], digest: str, deleted: bool) -> None:
    found = connection.scalar(select(repositories.c.id).where(repositories.c.name == repository))
    if found is None:
        space = repository.partition("/")[0]
        row = {"name": repository, "namespace": space, "store_id": 1, "created_at": 0, "visible_at": 0}
        found = connection.execute(insert(repositories).values(row).returning(repositories.c.id)).scalar_one()
    place = {"repo_id": found, "digest": digest}
    if not connection.scalar(select(manifests.c.digest).filter_by(**place)):
        row = {"media_type": MEDIA_TYPE, "payload": b"{}", "size": 2, "pushed_at": 0, "pushed_by": "user:somebody"}
        connection.execute(insert(manifests).values({**place, **row, "deleted_at": 1 if deleted else None}))
    rows = [
        {"repo_id": found, "name": name, "digest": None if deleted else digest, "epoch": 0, "hlc": number}
        | {"region": "", "updated_at": 0, "updated_by": "user:somebody"}
        for number, name in enumerate(names)
    ]
    if rows:
        connection.execute(insert(tags), rows)
