# SPDX-License-Identifier: Apache-2.0
"""What is copied: many tags, each an index of platforms with signatures, bills of materials and what older clients set.

And what of it is found in a repository, as any client finds it.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException

from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.scale.nodes import Node
from tests.scale.wire import Wire

PLATFORMS = 3
PUSHING = 4


@dataclass(frozen=True, slots=True)
class Release:
    """One tag, and all that belongs to it, in an order in which it can be pushed."""

    tag: str
    index: BuiltManifest
    platforms: Sequence[BuiltManifest]
    referrers: Sequence[BuiltManifest]
    derived: Mapping[str, BuiltManifest]

    @property
    def digests(self) -> set[Digest]:
        """Every manifest of it."""
        parts = [*self.platforms, *self.referrers, *self.derived.values(), self.index]
        return {Digest(each.digest) for each in parts}


def a_release(number: int) -> Release:
    """Build one, of digests of its own: platforms, an SBOM of each, its signature, and one by a derived tag."""
    platforms = [_image(f"{number}.{each}") for each in range(PLATFORMS)]
    index = an_index(*(each.descriptor() for each in platforms), annotations={"number": str(number)})
    sboms = [_image(f"sbom {each.digest}", each) for each in (*platforms, index)]
    signatures = [_image(f"signature {each.digest}", each) for each in sboms]
    derived = {f"{referrers_tag(index.digest)}.sig": _image(f"derived {number}")}
    return Release(f"v{number}", index, platforms, [*sboms, *signatures], derived)


def push(node: Node, repository: str, releases: Sequence[Release]) -> None:
    """Push all of them."""
    with closing(node.wire()) as wire:
        for blob in (A_CONFIG, A_LAYER):
            assert wire.push_blob(repository, blob).status == 201
    with ThreadPoolExecutor(PUSHING) as threads:
        list(threads.map(lambda each: _push(node, repository, each), releases))


def seen(node: Node, repository: str, release: Release) -> set[Digest] | None:
    """Return what a client finds of a release by its tag; None where the tag, or the node, is not there."""
    try:
        with closing(node.wire()) as wire:
            return _seen(wire, repository, release)
    except (OSError, HTTPException):
        return None


def _seen(wire: Wire, repository: str, release: Release) -> set[Digest] | None:
    answer = wire.pull(repository, release.tag)
    if answer.status != 200:
        return None
    found = {Digest(answer.headers["docker-content-digest"])}
    waiting = {*found, *(Digest(each["digest"]) for each in answer.json["manifests"])}
    for tag in release.derived:
        derived = wire.pull(repository, tag)
        if derived.status == 200:
            found.add(Digest(derived.headers["docker-content-digest"]))
        elif derived.status != 404:
            return None
    while waiting:
        digest = waiting.pop()
        pulled, about = wire.pull(repository, digest), wire.ask("GET", f"/v2/{repository}/referrers/{digest}")
        if about.status != 200 or pulled.status not in (200, 404):
            return None
        if pulled.status == 200:
            found.add(digest)
        waiting |= {Digest(each["digest"]) for each in about.json["manifests"]} - found
    return found


def _push(node: Node, repository: str, release: Release) -> None:
    with closing(node.wire()) as wire:
        for each in (*release.platforms, release.index, *release.referrers):
            _require(wire, repository, each, each.digest)
        for tag, each in release.derived.items():
            _require(wire, repository, each, tag)
        _require(wire, repository, release.index, release.tag)


def _require(wire: Wire, repository: str, built: BuiltManifest, reference: str) -> None:
    answer = wire.put(repository, built, reference)
    assert answer.status == 201, answer


def _image(name: str, subject: BuiltManifest | None = None) -> BuiltManifest:
    if subject is None:
        return an_image_manifest(annotations={"name": name})
    kind = "application/x-of-a-test"
    return an_image_manifest(annotations={"name": name}, subject=subject.descriptor(), artifactType=kind)
