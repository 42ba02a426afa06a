# SPDX-License-Identifier: Apache-2.0
"""Graphs of manifests: indexes in indexes, referrers of referrers, and tags that older clients derive from digests."""

from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from hypothesis import strategies as st

from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

SUFFIXES = ("", ".sig", ".att", ".sbom")


@dataclass
class Graph:
    """Manifests in an order in which they can be pushed, the blobs that they list, and derived tags."""

    manifests: dict[Digest, BuiltManifest] = field(default_factory=dict)
    blobs: list[bytes] = field(default_factory=list)
    tags: dict[str, Digest] = field(default_factory=dict)

    def add(self, built: BuiltManifest) -> BuiltManifest:
        """Take in a manifest."""
        self.manifests[built.digest] = built
        return built

    def image(self, number: int, subject: BuiltManifest | None = None) -> BuiltManifest:
        """Add an image of its own layer, which may say something about another manifest."""
        layer = b"layer %d" % (number % 3)
        self.blobs.append(layer)
        about: dict[str, Any] = {} if subject is None else {"subject": subject.descriptor()}
        return self.add(an_image_manifest(layers=[a_descriptor(layer)], annotations={"number": str(number)}, **about))

    def index(
        self, number: int, children: Sequence[BuiltManifest], subject: BuiltManifest | None = None
    ) -> BuiltManifest:
        """Add an index, which may say something about another manifest."""
        about: dict[str, Any] = {} if subject is None else {"subject": subject.descriptor()}
        listed = [child.descriptor() for child in children]
        return self.add(an_index(*listed, annotations={"number": str(number)}, **about))

    def derive(self, subject: Digest, suffix: str, target: Digest) -> None:
        """Let a tag that is named after one manifest point at another."""
        self.tags[f"{referrers_tag(subject)}{suffix}"] = target


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph of up to a dozen manifests."""
    graph = Graph()
    for number in range(draw(st.integers(1, 12))):
        earlier = list(graph.manifests.values())
        choices: list[BuiltManifest | None] = [None, *earlier]
        subject = draw(st.sampled_from(choices))
        if earlier and draw(st.sampled_from([True, False])):
            children = draw(st.lists(st.sampled_from(earlier), max_size=3, unique_by=lambda each: each.digest))
            graph.index(number, children, subject)
        else:
            graph.image(number, subject)
    digests = list(graph.manifests)
    for _ in range(draw(st.integers(0, 4))):
        about, target = draw(st.sampled_from(digests)), draw(st.sampled_from(digests))
        graph.derive(about, draw(st.sampled_from(SUFFIXES)), target)
    return graph


def naive_closure(
    manifests: Mapping[Digest, BuiltManifest], tags: Mapping[str, Digest], root: Digest
) -> AbstractSet[Digest]:
    """Find what belongs to a manifest the slow way: look at everything again until nothing is added."""
    parsed = {digest: parse_manifest(built.payload, built.media_type) for digest, built in manifests.items()}
    found = {root}
    while True:
        more = {digest for digest in parsed if any(_belongs(parsed, tags, digest, each) for each in found)} - found
        if not more:
            return found
        found |= more


def _belongs(parsed: Mapping[Digest, Manifest], tags: Mapping[str, Digest], digest: Digest, above: Digest) -> bool:
    subject = parsed[digest].subject
    is_child = any(child.digest == digest for child in parsed[above].children)
    is_derived = any(target == digest and tag.partition(".")[0] == referrers_tag(above) for tag, target in tags.items())
    return is_child or is_derived or (subject is not None and subject.digest == above)
