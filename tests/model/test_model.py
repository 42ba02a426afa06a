# SPDX-License-Identifier: Apache-2.0
"""Whatever order pushes, deletions, collections and crashes come in, no content is lost and no byte is leaked."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.model.broken import BROKEN_ORDERS
from tests.model.broken import BrokenOrder
from tests.model.broken import store_bytes_before_rows
from tests.model.broken import sweep_patiently
from tests.model.model import World
from tests.model.model import is_clean
from tests.model.model import is_unused
from tests.model.protocol import COLLECTION
from tests.model.protocol import SOUND
from tests.model.search import stuck

Record = Callable[[str, object], None]

WORLDS = {
    "two pushes to one repository, four keys": World(SOUND, keys=4),
    "two collectors": World(SOUND, collectors=2),
    "a disk that fails": World(SOUND, losses=1),
    "two repositories of one store": World(SOUND, stores=(0, 0), pushers=(0, 1)),
    "two repositories in two stores": World(SOUND, stores=(0, 1), pushers=(0, 1)),
}
MOST_STEPS = 12


@pytest.mark.parametrize("name", WORLDS)
def test_no_order_of_steps_does_harm(name: str, record_property: Record) -> None:
    """Every state that can be reached is harmless, and an undisturbed collector can free every byte nobody uses."""
    world = WORLDS[name]

    found = world.search(world.harms())
    unused = [state for state in found.states if is_unused(state)]
    collecting = replace(world, rules=COLLECTION)

    assert found.counterexample is None, str(found.counterexample)
    assert stuck(unused, collecting.successors, is_clean) is None
    record_property(name, f"{found.count} states, none harmful; all bytes can be freed in {len(unused)}")


@pytest.mark.parametrize("order", BROKEN_ORDERS, ids=lambda order: order.name)
def test_a_broken_order_does_harm(order: BrokenOrder, record_property: Record) -> None:
    """An order that is broken on purpose has a short counterexample."""
    world = order.world()

    found = world.search({order.harm: world.harms()[order.harm]})

    assert found.counterexample is not None
    assert len(found.counterexample.path) <= MOST_STEPS
    record_property(order.name, f"{found.count} states\n{found.counterexample}")


def test_every_harm_is_done_by_a_broken_order() -> None:
    """No harm is looked for in vain: for each there is an order that does it."""
    done = {order.harm for order in BROKEN_ORDERS} | {order.guarded for order in BROKEN_ORDERS}

    assert done - {None} == set(World(SOUND).harms())


@pytest.mark.parametrize("order", BROKEN_ORDERS, ids=lambda order: order.name)
def test_foreign_keys_forgive_what_they_can(order: BrokenOrder, record_property: Record) -> None:
    """With foreign keys, exactly the orders that leave a row without its parent are harmless, or less harmful."""
    world = order.world(has_foreign_keys=True)
    worst = {harm: is_done for harm, is_done in world.harms().items() if order.guarded in (None, harm)}

    found = world.search(worst)

    assert (found.counterexample.harm if found.counterexample else None) == order.guarded
    record_property(f"{order.name}, with foreign keys", f"{found.count} states, {order.guarded or 'none harmful'}")


def test_a_manifest_that_is_not_checked_loses_nothing_to_foreign_keys() -> None:
    """Foreign keys keep the bytes of a manifest whose blobs were not checked; only the check keeps them readable."""
    order = next(order for order in BROKEN_ORDERS if order.replaced == "put_manifest")
    world = order.world(has_foreign_keys=True)

    found = world.search({order.harm: world.harms()[order.harm]})

    assert found.counterexample is None


def test_without_the_sweep_late_bytes_stay() -> None:
    """Only the sweep frees bytes that a push completed after its upload was collected."""
    world = World(SOUND, keys=1)
    found = world.search({})
    unswept = replace(world, rules={name: rule for name, rule in COLLECTION.items() if name != "sweep"})

    left = stuck(filter(is_unused, found.states), unswept.successors, is_clean)

    assert left is not None
    assert [key.bytes for key in left.keys] == ["late"]


def test_bytes_stored_before_rows_are_safe_while_the_sweep_waits_for_them(record_property: Record) -> None:
    """Blobs that arrive in one request, without an upload's row, rely on the age limit of the sweep alone."""
    rules = {**SOUND, "start_upload": store_bytes_before_rows, "sweep": sweep_patiently}
    world = World(rules, collectors=2)

    found = world.search(world.harms())

    assert found.counterexample is None, str(found.counterexample)
    record_property("one request for a blob, patient sweep", f"{found.count} states, none harmful")
