# SPDX-License-Identifier: Apache-2.0
"""Random graphs are copied, and compared with what is found by looking at everything again and again.

Whatever moment a copy is stopped at, there is nothing half under the tag; done again, it ends as if it never was.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.copy_orders import Order
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.tables import manifests as manifest_table
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.graphs import Graph
from tests.builders.graphs import graphs
from tests.builders.graphs import naive_closure
from tests.builders.manifests import A_CONFIG
from tests.unit.registry.cancelling import cancel_at

TAG = TagName("1.0")


def _content(connection: Connection, name: RepositoryName) -> tuple[set[Digest], dict[str, Digest]]:
    """Return the manifests and tags of a repository."""
    repository = repositories.find(connection, name)
    if repository is None:
        return set(), {}
    query = select(manifest_table.c.digest).where(
        manifest_table.c.repo_id == repository.id, manifest_table.c.deleted_at.is_(None)
    )
    return set(connection.execute(query).scalars()), dict(tags.set_after(connection, repository.id, "", 1_000))


async def _pushed(running: RunningCore, graph: Graph, number: int) -> Order:
    """Push a graph into a repository of its own, and return the order to copy its last manifest."""
    name = RepositoryName(f"dev/app{number}")
    for content in {A_CONFIG, *graph.blobs}:
        await running.put_blob(content, name)
    for digest, built in graph.manifests.items():
        pointing = [tag for tag, target in graph.tags.items() if target == digest]
        await running.put_manifest(built, *pointing, repository=name)
    root = list(graph.manifests)[len(graph.manifests) // 2]
    return Order(source=name, digest=root, target=RepositoryName(f"prod/app{number}"), tags=(TAG,))


def _expected(graph: Graph, order: Order) -> tuple[set[Digest], dict[str, Digest]]:
    closure = set(naive_closure(graph.manifests, graph.tags, order.digest))
    derived = {tag: target for tag, target in graph.tags.items() if _is_of(tag, closure)}
    return closure, {**derived, TAG: order.digest}


def _is_of(tag: str, closure: set[Digest]) -> bool:
    return any(tag.startswith(digest.replace(":", "-")) for digest in closure)


async def _copy(running: RunningCore, graph: Graph, number: int) -> None:
    order = await _pushed(running, graph, number)

    await running.copying.copy(EVERYBODY, order)

    assert await running.database.snapshot(_content, order.target) == _expected(graph, order)


def test_what_belongs_to_an_artifact_is_copied_and_nothing_else(tmp_path: Path) -> None:
    """Children, referrers of whatever is copied, and the derived tags, each in any mixture."""
    numbers = count()
    with a_core(tmp_path) as running, asyncio.Runner() as runner:

        @settings(max_examples=40, deadline=None)
        @given(graph=graphs())
        def check(graph: Graph) -> None:
            runner.run(_copy(running, graph, next(numbers)))

        check()


async def _stop_and_go_on(running: RunningCore, graph: Graph, number: int, wait: int) -> None:
    order = await _pushed(running, graph, number)
    await cancel_at(running.copying.copy(EVERYBODY, order), wait)
    closure, named = _expected(graph, order)

    there, seen = await running.database.snapshot(_content, order.target)
    assert TAG not in seen or (there, seen) == (closure, named)
    await running.copying.copy(EVERYBODY, order)

    assert await running.database.snapshot(_content, order.target) == (closure, named)
    assert (await running.copying.copy(EVERYBODY, order)).plan.steps == []


def test_a_copy_that_is_stopped_anywhere_is_done_when_it_is_repeated(tmp_path: Path) -> None:
    """The tag comes last, so whoever pulls by it finds everything or nothing."""
    numbers = count()
    with a_core(tmp_path) as running, asyncio.Runner() as runner:

        @settings(max_examples=40, deadline=None)
        @given(graph=graphs(), wait=st.integers(1, 120))
        def check(graph: Graph, wait: int) -> None:
            runner.run(_stop_and_go_on(running, graph, next(numbers), wait))

        check()


async def _delete_meanwhile(running: RunningCore, graph: Graph, number: int, turns: int) -> None:
    order = await _pushed(running, graph, number)
    copying = asyncio.ensure_future(running.copying.copy(EVERYBODY, order))
    for _ in range(turns):
        await asyncio.sleep(0)
    with suppress(ManifestUnknown):
        await running.delete.manifest(EVERYBODY, order.source, order.digest)
    with suppress(ManifestUnknown):
        await copying

    there, seen = await running.database.snapshot(_content, order.target)
    row = await running.database.read(manifests.by_tag, order.target, TAG)
    assert (row is not None) == (TAG in seen)
    if row is not None:
        held = _held(graph, order.digest)
        assert {order.digest, *held} <= there


def _held(graph: Graph, root: Digest) -> set[Digest]:
    """Return what an index holds, at any depth: that has to be there under a tag."""
    alone = {digest: built._replace() for digest, built in graph.manifests.items()}
    without = {digest: built for digest, built in alone.items() if b'"subject"' not in built.payload or digest == root}
    return set(naive_closure(without, {}, root))


def test_a_source_that_is_deleted_meanwhile_leaves_no_half(tmp_path: Path) -> None:
    """It is copied whole, or not under the tag."""
    numbers = count()
    with a_core(tmp_path) as running, asyncio.Runner() as runner:

        @settings(max_examples=25, deadline=None)
        @given(graph=graphs(), turns=st.integers(0, 200))
        def check(graph: Graph, turns: int) -> None:
            runner.run(_delete_meanwhile(running, graph, next(numbers), turns))

        check()


async def _copy_two(running: RunningCore, graph: Graph, number: int) -> None:
    order = await _pushed(running, graph, number)
    others = replace(order, digest=next(iter(graph.manifests)))

    await asyncio.gather(*(running.copying.copy(EVERYBODY, each) for each in (order, others, order)))

    there, seen = await running.database.snapshot(_content, order.target)
    assert seen[TAG] in {order.digest, others.digest}
    assert there == _expected(graph, order)[0] | _expected(graph, others)[0]


def test_copies_to_one_tag_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Everything of both is there, and the tag is at one of them."""
    numbers = count()
    with a_core(tmp_path) as running, asyncio.Runner() as runner:

        @settings(max_examples=25, deadline=None)
        @given(graph=graphs())
        def check(graph: Graph) -> None:
            runner.run(_copy_two(running, graph, next(numbers)))

        check()
