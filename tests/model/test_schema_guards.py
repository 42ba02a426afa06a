# SPDX-License-Identifier: Apache-2.0
"""The foreign keys of the model are those of the real schema."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from entrepot.infra.database.sqlite import SqliteDatabase
from tests.model.broken import BROKEN_ORDERS
from tests.model.broken import BrokenOrder
from tests.model.model import LIVE
from tests.model.model import Key
from tests.model.model import World
from tests.model.model import lacks_a_parent
from tests.model.protocol import SOUND
from tests.model.replay import prepare
from tests.model.replay import take

REFUSED = [order for order in BROKEN_ORDERS if order.guarded != order.harm]
STEPS = 150


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """A database without tables."""
    database = SqliteDatabase(tmp_path / "entrepot.db")
    yield database
    database.close()


@pytest.mark.parametrize("order", REFUSED, ids=lambda order: order.name)
def test_the_schema_refuses_the_step_that_breaks_the_order(order: BrokenOrder, database: SqliteDatabase) -> None:
    """The real foreign keys stop a counterexample at the very step at which the model's would."""
    world = order.world()
    found = world.search({order.harm: world.harms()[order.harm]})
    assert found.counterexample is not None
    prepare(database, world)

    before = found.counterexample.start
    for _, after in found.counterexample.path:
        if lacks_a_parent(after):
            break
        database.write_now(take, before, after)
        before = after

    with pytest.raises(IntegrityError, match="FOREIGN KEY constraint failed"):
        database.write_now(take, before, after)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("stores", [(0, 0), (0, 1)], ids=["one store", "two stores"])
def test_the_schema_accepts_every_sound_step(seed: int, stores: tuple[int, int], database: SqliteDatabase) -> None:
    """No constraint of the real schema stands in the way of the order that Entrepot keeps."""
    world = World(SOUND, stores, pushers=(0, 1), collectors=2, keys=20, losses=2)
    prepare(database, world)
    choice = random.Random(seed)

    before = world.start()
    for _ in range(STEPS):
        _, after = choice.choice(list(world.successors(before)))
        database.write_now(take, before, after)
        before = after

    assert len(before.keys) > 1


def test_a_store_has_one_live_object_of_a_blob(database: SqliteDatabase) -> None:
    """The schema refuses a second live object, which the model never has."""
    world = World(SOUND)
    prepare(database, world)
    live = Key(store=0, is_upload=False, object=LIVE)
    before = world.start()._replace(has_blob=True, keys=(live,))
    database.write_now(take, world.start(), before)

    with pytest.raises(IntegrityError, match=r"UNIQUE constraint failed: objects\.digest, objects\.store_id"):
        database.write_now(take, before, before._replace(keys=(live, live)))
