# SPDX-License-Identifier: Apache-2.0
"""Finding out what a target lacks of an artifact."""

from collections.abc import Mapping

from sqlalchemy import Connection

from entrepot.oci.digest import Digest
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.closure import Closure
from entrepot.registry.closure import walk
from entrepot.registry.copy_orders import CopyAcrossStores
from entrepot.registry.copy_orders import Entry
from entrepot.registry.copy_orders import Order
from entrepot.registry.copy_orders import Plan
from entrepot.registry.copy_orders import Step
from entrepot.registry.copy_orders import SubjectGone
from entrepot.registry.store import closures
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import StoreId


def make_plan(connection: Connection, order: Order, default_store: StoreId) -> Plan:
    """Compare the two repositories.

    Raises `NameUnknown`, `ManifestUnknown`, `ClosureTooLarge`, `CopyAcrossStores` and `SubjectGone`.
    """
    source, target = repositories.find(connection, order.source), repositories.find(connection, order.target)
    if source is None or not source.is_visible:
        raise NameUnknown(detail={"name": order.source})
    if source.store_id != (target.store_id if target else default_store):
        raise CopyAcrossStores(f"{order.source} and {order.target} keep their bytes in different stores")
    closure = walk(connection, source, order.digest, with_referrers=order.with_referrers)
    there = _live(connection, target, closure)
    if order.known is not None and order.digest not in there:
        raise SubjectGone(f"{order.digest} is not in {order.target} any more")
    derived, kept = _derived_tags(connection, order, source, closure)
    steps = _steps(connection, order, closure, there, derived)
    new = [step.node.digest for step in steps if step.is_new]
    sizes = {blob: size for _, blob, size in closures.blobs_of(connection, source.id, new)}
    held = closures.held_in_namespace(connection, namespace_of(order.target), sizes)
    new_bytes = sum(step.node.size for step in steps if step.is_new)
    new_bytes += sum(size for blob, size in sizes.items() if blob not in held)
    return Plan(order, closure, steps, len(sizes), new_bytes, kept)


def _live(connection: Connection, target: Repository | None, closure: Closure) -> set[Digest]:
    return set() if target is None else set(closures.nodes(connection, target.id, closure.nodes))


def _derived_tags(
    connection: Connection, order: Order, source: Repository, closure: Closure
) -> tuple[dict[TagName, Digest], list[TagName]]:
    """Return the derived tags that are to be set in the target, and those that it keeps.

    One that points at something else there is moved where the source's pointed at that before: then it only has been
    left behind. Otherwise somebody has said something there that nobody said in the source, and it stays.
    """
    wanted: dict[TagName, Digest] = {}
    kept: list[TagName] = []
    for tag, digest in closure.tags.items():
        if order.known is not None and Entry(digest, tag) in order.known:
            continue
        current = manifests.by_tag(connection, order.target, tag)
        if current is None or tags.had(connection, source.id, tag, current.digest):
            if current is None or current.digest != digest:
                wanted[tag] = digest
        elif current.digest != digest:
            kept.append(tag)
    return wanted, kept


def _steps(
    connection: Connection, order: Order, closure: Closure, there: set[Digest], derived: Mapping[TagName, Digest]
) -> list[Step]:
    """Return what is to be done, in the order of the closure: the artifact itself comes last, with its tags."""
    found: list[Step] = []
    known = order.known
    names: dict[Digest, list[TagName]] = {}
    for tag, target in derived.items():
        names.setdefault(target, []).append(tag)
    for digest, node in closure.nodes.items():
        named = tuple(names.get(digest, ()))
        is_new = digest not in there
        if known is not None:
            is_new = is_new and Entry(digest) not in known
        elif digest == order.digest:
            named = (*_unset(connection, order), *named)
        if is_new or named:
            found.append(Step(node, named, is_new))
    return found


def _unset(connection: Connection, order: Order) -> list[TagName]:
    """Return the tags that do not point at the artifact yet."""
    current = {tag: manifests.by_tag(connection, order.target, tag) for tag in dict.fromkeys(order.tags)}
    return [tag for tag, row in current.items() if row is None or row.digest != order.digest]
