# SPDX-License-Identifier: Apache-2.0
"""What goes along with an artifact: the manifests that an index holds, and what was said about any of them.

Referrers by `subject` (image-spec) and those that older clients name by tags such as `sha256-<hex>.sig` count alike,
and so do referrers of referrers.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.kernel.errors import Conflict
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.reference import TagName
from entrepot.registry.store import closures
from entrepot.registry.store.closures import Node
from entrepot.registry.store.repositories import Repository

MAX_MANIFESTS = 5_000
"""How many manifests may belong to one artifact."""
MAX_LISTED = 50_000
"""How many manifests and blobs its indexes may list, here or not."""
MAX_DEPTH = 32
"""How many steps from the artifact what belongs to it may be."""


class ClosureTooLarge(Conflict):
    """So much belongs to the artifact that it is not copied in one piece."""

    code = "closure_too_large"
    default_hint = "Copy its parts by digest, or copy it without what refers to it."


@dataclass(frozen=True, slots=True)
class Closure:
    """A manifest with all that belongs to it in one repository."""

    root: Digest
    nodes: Mapping[Digest, Node]
    """In the order in which they are stored elsewhere: what an index holds before it, and the root last."""
    tags: Mapping[TagName, Digest]
    """The tags derived from one of the digests."""
    absent: Sequence[Digest]
    """What an index lists and the repository does not have: platforms that somebody left out."""


def walk(connection: Connection, repository: Repository, root: Digest, *, with_referrers: bool = True) -> Closure:
    """Find what belongs to a manifest. Raises `ManifestUnknown` and `ClosureTooLarge`."""
    found = closures.nodes(connection, repository.id, [root])
    if root not in found:
        raise ManifestUnknown(f"{root} is not in {repository.name}", detail={"digest": root})
    below: dict[Digest, list[Digest]] = {}
    listed: dict[Digest, None] = {}
    tags: dict[TagName, Digest] = {}
    level, depth, pairs = [root], 0, 0
    while level:
        wanted: set[Digest] = set()
        for parent, child in closures.children(connection, repository.id, level, MAX_LISTED + 1 - pairs):
            below.setdefault(parent, []).append(child)
            listed[child] = None
            wanted.add(child)
            pairs += 1
        near: dict[Digest, Node] = {}
        if with_referrers:
            said = closures.referrers(connection, repository.id, level, MAX_MANIFESTS + 1)
            near = {each.digest: each for each in said}
            derived = closures.derived_tags(connection, repository.id, level, MAX_MANIFESTS + 1)
            tags |= derived
            wanted |= set(derived.values())
        if pairs > MAX_LISTED:
            raise ClosureTooLarge(f"more than {MAX_LISTED} manifests and blobs are listed in {repository.name}@{root}")
        _require_within(repository, root, max(len(found | near), len(tags)), 0)
        near |= closures.nodes(connection, repository.id, wanted - near.keys() - found.keys())
        level = sorted(near.keys() - found.keys())
        found |= near
        depth += 1
        _require_within(repository, root, len(found), depth if level else 0)
    blobs = {blob for _, blob, _ in closures.blobs_of(connection, repository.id, below)}
    return Closure(
        root,
        {digest: found[digest] for digest in _in_order(root, found, below)},
        dict(sorted((tag, digest) for tag, digest in tags.items() if digest in found)),
        sorted(digest for digest in listed if digest not in found and digest not in blobs),
    )


def _require_within(repository: Repository, root: Digest, count: int, depth: int) -> None:
    if count > MAX_MANIFESTS:
        raise ClosureTooLarge(f"more than {MAX_MANIFESTS} manifests belong to {repository.name}@{root}")
    if depth > MAX_DEPTH:
        raise ClosureTooLarge(f"what belongs to {repository.name}@{root} is more than {MAX_DEPTH} steps away from it")


def _in_order(root: Digest, found: Mapping[Digest, Node], below: Mapping[Digest, Sequence[Digest]]) -> list[Digest]:
    """Put what an index holds before it, and the root behind all."""
    done: dict[Digest, None] = {}
    for start in [*sorted(found.keys() - {root}), root]:
        waiting = [(start, False)]
        while waiting:
            digest, is_complete = waiting.pop()
            if is_complete:
                done[digest] = None
            elif digest in found and digest not in done:
                waiting.append((digest, True))
                waiting += [(child, False) for child in reversed(below.get(digest, ())) if child not in done]
    return [*(digest for digest in done if digest != root), root]
