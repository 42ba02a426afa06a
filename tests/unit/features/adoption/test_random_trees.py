# SPDX-License-Identifier: Apache-2.0
"""Trees as chance makes them, with faults: what comes is what a naive reader of the same folder says."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given
from hypothesis import settings
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.adoption.models import Wanted
from entrepot.infra.storage.adopted import TREE
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.builders.trees import DistributionTree
from tests.unit.features.adoption.adopting import an_adopting_core

BLOBS = [f"blob {number}".encode() for number in range(4)]
IMAGES = [
    an_image_manifest(config=a_descriptor(BLOBS[0]), layers=[a_descriptor(BLOBS[number])]) for number in (1, 2, 3)
]
MANIFESTS = [*IMAGES, an_index(IMAGES[0].descriptor(), IMAGES[1].descriptor())]
NAMES = ["app", "app/x", "app/0", "app-x", "App"]
TAGS = ["1", "latest"]

NAME = st.sampled_from(NAMES)
FAULTS = ["remove", "truncate", "flip"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is put into a tree, in this order, and what happens to files of it then."""

    blobs: list[tuple[str, bytes]]
    manifests: list[tuple[str, BuiltManifest, list[str]]]
    faults: list[tuple[int, str]]

    def cook(self, root: Path) -> None:
        """Make the tree."""
        tree = DistributionTree(root)
        for name, content in self.blobs:
            tree.put_blob(name, content)
        for name, built, names in self.manifests:
            tree.put_manifest(name, built, *names)
        for number, fault in self.faults:
            files = sorted(file for file in (root / TREE).rglob("*") if file.is_file())
            if files:
                spoil(files[number % len(files)], fault)


def spoil(file: Path, fault: str) -> None:
    """Do something to a file."""
    match fault:
        case "remove":
            file.unlink()
        case "truncate":
            file.write_bytes(b"")
        case _:
            file.write_bytes(bytes(byte ^ 1 for byte in file.read_bytes()))


RECIPES = st.builds(
    Recipe,
    st.lists(st.tuples(NAME, st.sampled_from(BLOBS)), max_size=24),
    st.lists(
        st.tuples(NAME, st.sampled_from(MANIFESTS), st.lists(st.sampled_from(TAGS), max_size=2, unique=True)),
        max_size=8,
    ),
    st.lists(st.tuples(st.integers(0, 1_000), st.sampled_from(FAULTS)), max_size=4),
)


class NaiveReader:
    """Says what has to come, of a tree that is small enough to be asked for every file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def content(self, digest: Digest) -> bytes | None:
        """Return the bytes that are where those of a digest belong."""
        file = DistributionTree(self.root).data(digest)
        return file.read_bytes() if file.is_file() else None

    def links(self, name: str, kind: str) -> Iterator[Digest]:
        """Yield the digests that a repository has links to that may be links."""
        for link in (self.root / TREE / "repositories" / name / kind / "sha256").glob("*/link"):
            if link.stat().st_size:
                yield Digest(f"sha256:{link.parent.name}")

    def manifests(self, name: str) -> set[Digest]:
        """Return the manifests that have to come."""
        layers = set(self.links(name, "_layers"))
        return {digest for digest in self.links(name, "_manifests/revisions") if self._is_whole(digest, layers)}

    def _is_whole(self, digest: Digest, layers: set[Digest]) -> bool:
        payload = self.content(digest)
        if payload is None or digest_of(payload) != digest:
            return False
        document = json.loads(payload)
        needed = [document["config"], *document["layers"]] if "config" in document else []
        return all(
            each["digest"] in layers and len(self.content(each["digest"]) or b"") == each["size"] for each in needed
        )

    def tags(self, name: str) -> dict[str, str]:
        """Return the tags that have to come."""
        folder = self.root / TREE / "repositories" / name / "_manifests/tags"
        said = {link.parents[1].name: link.read_text(errors="replace") for link in folder.glob("*/current/link")}
        return {tag: digest for tag, digest in said.items() if digest in self.manifests(name)}

    def says(self) -> dict[str, tuple[set[Digest], dict[str, str]]]:
        """Return manifests and tags by repository, of those that have any."""
        found = {name: (self.manifests(name), self.tags(name)) for name in NAMES if name.islower()}
        return {name: each for name, each in found.items() if each[0]}


def came(connection: Connection) -> dict[str, tuple[set[Digest], dict[str, str]]]:
    """Return what Entrepot has."""
    found: dict[str, tuple[set[Digest], dict[str, str]]] = {}
    of_manifests = select(repositories.c.name, manifests.c.digest).join_from(
        manifests, repositories, repositories.c.id == manifests.c.repo_id
    )
    for name, digest in connection.execute(of_manifests):
        found.setdefault(name, (set(), {}))[0].add(digest)
    of_tags = select(repositories.c.name, tags.c.name, tags.c.digest).join_from(
        tags, repositories, repositories.c.id == tags.c.repo_id
    )
    for name, tag, digest in connection.execute(of_tags):
        found[name][1][tag] = digest
    return found


@settings(max_examples=12, deadline=None)
@given(RECIPES)
def test_what_comes_is_what_is_whole(recipe: Recipe) -> None:
    """And a dry run before and another run after say the same; bytes of blobs are for `--check digests`."""
    with tempfile.TemporaryDirectory() as folder, an_adopting_core(Path(folder)) as adopting:
        recipe.cook(adopting.tree.root)
        wanted = NaiveReader(adopting.tree.root).says()
        if not any((adopting.tree.root / TREE / "repositories").rglob("link")):
            return

        dry = asyncio.run(adopting.adopt(Wanted(is_dry=True)))
        first = asyncio.run(adopting.adopt())
        again = asyncio.run(adopting.adopt())

        assert adopting.running.database.snapshot_now(came) == wanted
        assert dry == first
        assert (again.manifests, again.tags, again.blobs) == (0, 0, 0)
        assert again.listed == first.listed
