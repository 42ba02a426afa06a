# SPDX-License-Identifier: Apache-2.0
"""What cannot be taken over is told, by repository, with the reason; everything else comes."""

import json
from collections.abc import Callable

import pytest

from entrepot.features.adoption.models import MAX_LISTED
from entrepot.features.adoption.models import Report
from entrepot.features.adoption.models import Wanted
from entrepot.infra.storage.folder_tree import IS_LINK
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import a_manifest
from tests.builders.manifests import an_image_manifest
from tests.builders.trees import DistributionTree
from tests.unit.features.adoption.adopting import Adopting

IMAGE = an_image_manifest()
OTHER = an_image_manifest(annotations={"is": "another one"})
LAYER = digest_of(A_LAYER)
SCHEMA1 = a_manifest({"schemaVersion": 1, "name": "x", "fsLayers": []}, "")
ABSENT = digest_of(b"absent")

pytestmark = pytest.mark.anyio


def revision(built: BuiltManifest) -> str:
    """Return where the link of a manifest is."""
    return f"bad/app/_manifests/revisions/{built.digest.replace(':', '/')}/link"


def _huge(tree: DistributionTree) -> None:
    built = BuiltManifest(b"x" * (MAX_MANIFEST_BYTES + 1), "", digest_of(b"x" * (MAX_MANIFEST_BYTES + 1)))
    tree.put_manifest("bad/app", built)


def _longer_layer(tree: DistributionTree) -> None:
    lying = an_image_manifest(layers=[a_descriptor(A_LAYER, size=3)])
    tree.put_image("bad/app", lying)


def _unlinked_layer(tree: DistributionTree) -> None:
    for link in (tree.root / "docker/registry/v2/repositories/bad/app/_layers/sha256").glob(f"{LAYER[7:]}/link"):
        link.unlink()


def _symbolic_link(tree: DistributionTree) -> None:
    (tree.root / "docker/registry/v2/repositories/bad/other").symlink_to(tree.root)


FLAWS: dict[str, tuple[Callable[[DistributionTree], object], str, str]] = {
    "link without bytes": (lambda tree: tree.data(OTHER.digest).unlink(), f"manifest {OTHER.digest}", "not there"),
    "layer without bytes": (lambda tree: tree.data(LAYER).unlink(), f"manifest {OTHER.digest}", "not there"),
    "layer cut short": (lambda tree: tree.data(LAYER).write_bytes(b""), f"manifest {OTHER.digest}", "there are 0"),
    "layer of another size": (_longer_layer, "", "of 3 bytes"),
    "layer without a link": (_unlinked_layer, f"manifest {OTHER.digest}", "has no link"),
    "not JSON": (lambda tree: tree.put_manifest("bad/app", BuiltManifest(b"{", "", digest_of(b"{"))), "", "JSON"),
    "schema 1": (lambda tree: tree.put_manifest("bad/app", SCHEMA1), SCHEMA1.digest, "schema 1"),
    "huge": (_huge, "", "at most"),
    "changed": (lambda tree: tree.data(OTHER.digest).write_bytes(b"{}"), OTHER.digest, "another digest"),
    "tag of nothing": (lambda tree: tree.write("bad/app/_manifests/tags/x/current/link", ABSENT), "tag x", "not here"),
    "tag of nonsense": (lambda tree: tree.write("bad/app/_manifests/tags/x/current/link", "x"), "tag x", "no colon"),
    "empty link": (lambda tree: tree.write(revision(OTHER), ""), OTHER.digest, "has 0 bytes"),
    "long link": (lambda tree: tree.write("bad/app/_manifests/tags/x/current/link", "x" * 300), "tag x", "300 bytes"),
    "name": (lambda tree: tree.put_image("Bad/App", IMAGE), "repository", "is not a repository name"),
    "long name": (lambda tree: tree.put_image("/".join(["bad"] * 60), IMAGE), "repository", "at most 200"),
    "long tag": (lambda tree: tree.put_manifest("bad/app", OTHER, "x" * 129), "tag xxx", "is not a tag"),
    "algorithm": (
        lambda tree: tree.write("bad/app/_manifests/revisions/md5/x/link", "md5:x"),
        "md5:x",
        "not supported",
    ),
    "symbolic link": (_symbolic_link, "bad/other", IS_LINK),
}


@pytest.mark.parametrize("flaw", FLAWS)
async def test_a_flaw_is_told_and_the_rest_comes(adopting: Adopting, flaw: str) -> None:
    """Another repository has the same layers, where these are whole."""
    spoil, what, why = FLAWS[flaw]
    adopting.tree.put_image("bad/app", OTHER)
    spoil(adopting.tree)
    adopting.tree.put_blob("good/app", b"{}")
    adopting.tree.put_manifest("good/app", an_image_manifest(config=a_descriptor(b"{}"), layers=[]), "1")

    report = await adopting.adopt()

    assert report.problems == 1, report
    [problem] = report.listed
    assert problem.repository.lower().startswith("bad")
    assert what in problem.what
    assert why in problem.why
    assert await adopting.pulled("good/app", "1") is not None


async def test_only_reading_finds_wrong_bytes_of_the_right_length(adopting: Adopting) -> None:
    """Sizes prove sizes; digests are asked for."""
    adopting.tree.put_image("bad/app", IMAGE, "1")
    adopting.tree.data(LAYER).write_bytes(A_LAYER[::-1])

    deep = await adopting.adopt(Wanted(is_deep=True))
    quick = await adopting.adopt()

    assert [(problem.what, "another digest" in problem.why) for problem in deep.listed] == [
        (f"manifest {IMAGE.digest}", True),
        ("tag 1", False),
    ]
    assert (quick.manifests, quick.problems) == (1, 0)
    assert any("its bytes are" in message for message in await adopting.violations())


async def test_names_that_cannot_be_printed_are_told(adopting: Adopting) -> None:
    """What a disk holds is no terminal's business."""
    adopting.tree.write("team/\x1b[31m\udcff/_manifests/tags/1/current/link", "x")

    report = await adopting.adopt()

    assert report.problems == 1
    assert report.listed[0].repository == r"team/\x1b[31m\udcff"


def test_problems_are_counted_beyond_those_listed() -> None:
    """Nobody fills the memory."""
    report = Report()
    for number in range(MAX_LISTED + 5):
        report.add("team/app", str(number), "x" * 10_000)

    assert (report.problems, len(report.listed)) == (MAX_LISTED + 5, MAX_LISTED)
    assert len(json.dumps(report.listed[0].why)) < 400
