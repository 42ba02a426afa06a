# SPDX-License-Identifier: Apache-2.0
"""Layouts and archives, read and written."""

import asyncio
import gzip
import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from entrepot.infra.distribution.closure import Gathering
from entrepot.infra.distribution.copying import Copying
from entrepot.infra.distribution.docker_archive import DockerArchiveSource
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import PlaceBusy
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.files import FolderFiles
from entrepot.infra.distribution.files import TarFiles
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.layout import LayoutSource
from entrepot.infra.distribution.layout import blob_name
from entrepot.infra.distribution.layout_writing import LayoutTarget
from entrepot.infra.distribution.packing import ArchiveTarget
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.reference import TagName
from tests.builders.copying import TAG
from tests.builders.copying import a_docker_archive
from tests.builders.copying import a_layout
from tests.builders.copying import an_image
from tests.builders.copying import copy_all
from tests.builders.copying import opened_layout
from tests.builders.copying import opened_target
from tests.builders.copying import some_bytes
from tests.builders.manifests import an_index

pytestmark = pytest.mark.anyio

LEFT = b"of somebody else"
LAYER = some_bytes(100_000)
IMAGE = an_image(LAYER)


async def source_in(folder: Path) -> LayoutSource:
    """Return a layout that holds the image."""
    return await opened_layout(a_layout(folder, IMAGE, LAYER, b"{}"))


async def opened_archive(path: Path, name: str) -> ArchiveTarget:
    """Open an archive for docker to copy to."""
    return await asyncio.to_thread(lambda: ArchiveTarget(path, name, names_images=True))


async def test_a_layout_keeps_what_it_had(tmp_path: Path) -> None:
    """Tags are added, and those that move lead elsewhere."""
    target = await opened_target(tmp_path / "to")
    await copy_all(await source_in(tmp_path / "a"), target, Flow(), TAG)
    await target.close()
    other = an_image(b"another")
    again = await opened_target(tmp_path / "to")
    source = await opened_layout(a_layout(tmp_path / "b", other, b"another", b"{}", tag="2.0"))
    await copy_all(source, again, Flow(), TagName("2.0"))
    await again.put_manifest(await source.manifest(TagName("2.0")), TAG)
    await again.finish()
    await again.close()

    found = await opened_layout(tmp_path / "to")
    assert set(await found.tags()) == {TAG, "2.0"}
    assert (await found.manifest(TAG)).digest == other.digest
    assert (await found.manifest(IMAGE.digest)).payload == IMAGE.payload


async def test_a_layout_lists_referrers(tmp_path: Path) -> None:
    """They are in its index, without a tag, and are found from what they refer to."""
    signature = an_image(b"signed", subject=IMAGE.descriptor(), artifactType="application/vnd.example.sig")
    folder = a_layout(tmp_path / "a", IMAGE, LAYER, b"{}", b"signed", signature.payload)
    index = json.loads((folder / "index.json").read_text())
    index["manifests"].append(signature.descriptor())
    (folder / "index.json").write_text(json.dumps(index))
    target = await opened_target(tmp_path / "to")
    await copy_all(await opened_layout(folder), target, Flow(), TAG)
    await target.close()

    found = await opened_layout(tmp_path / "to")
    [listed] = await found.referrers(IMAGE.digest)
    assert (listed.digest, listed.artifact_type) == (signature.digest, "application/vnd.example.sig")
    assert await found.untagged() == []


async def test_nobody_copies_to_a_layout_beside_another(tmp_path: Path) -> None:
    """They would tread on each other's files."""
    first = await opened_target(tmp_path / "to")

    with pytest.raises(PlaceBusy):
        await opened_target(tmp_path / "to")

    await first.close()
    await (await opened_target(tmp_path / "to")).close()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """It may be somebody's home."""
    (tmp_path / "letter.txt").write_text("dear")

    with pytest.raises(PlaceUnusable, match="holds something"):
        LayoutTarget(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("index", ["", "[]", '{"manifests":{}}', '{"manifests":[{"digest":"x"}]}', '{"manifests":[1]}'])
def test_an_index_that_is_none_is_said_so(tmp_path: Path, index: str) -> None:
    """Whatever it holds."""
    a_layout(tmp_path / "a", IMAGE)
    (tmp_path / "a" / "index.json").write_text(index)

    with pytest.raises(PlaceUnusable):
        LayoutSource(FolderFiles(tmp_path / "a"), "a")


async def test_damage_in_a_layout_is_found(tmp_path: Path) -> None:
    """Of manifests, and of blobs by their size."""
    source = await source_in(tmp_path / "a")
    (tmp_path / "a" / "blobs" / "sha256" / IMAGE.digest[7:]).write_bytes(b"{}")

    with pytest.raises(ContentWrong):
        await source.manifest(TAG)
    with pytest.raises(ContentMissing):
        await source.manifest(TagName("nothing"))


async def test_an_archive_of_a_layout_is_one(tmp_path: Path) -> None:
    """It is read as it was written, and what was beside it is gone."""
    target = await asyncio.to_thread(lambda: ArchiveTarget(tmp_path / "a.tar"))
    await copy_all(await source_in(tmp_path / "a"), target, Flow(), TAG)
    await target.close()

    found = await asyncio.to_thread(lambda: LayoutSource(TarFiles(tmp_path / "a.tar"), "a.tar"))
    assert (await found.manifest(TAG)).payload == IMAGE.payload
    assert not (tmp_path / "a.tar.partial").exists()
    with pytest.raises(PlaceUnusable, match="exists"):
        await asyncio.to_thread(lambda: ArchiveTarget(tmp_path / "a.tar"))


async def test_an_archive_holds_nothing_of_another_copy(tmp_path: Path) -> None:
    """One that broke off has left content beside the file, which nobody meant to hand on."""
    target = await asyncio.to_thread(lambda: ArchiveTarget(tmp_path / "a.tar"))
    left = tmp_path / "a.tar.partial" / blob_name(digest_of(LEFT))
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(LEFT)
    await copy_all(await source_in(tmp_path / "a"), target, Flow(), TAG)
    await target.close()

    with tarfile.open(tmp_path / "a.tar") as archive:
        names = archive.getnames()
    assert blob_name(IMAGE.digest) in names
    assert blob_name(digest_of(LEFT)) not in names


async def test_an_archive_for_docker_is_what_docker_loads(tmp_path: Path) -> None:
    """The names, the configuration, and the layers as they are."""
    target = await opened_archive(tmp_path / "a.tar", "registry.example/team/app")
    await copy_all(await source_in(tmp_path / "a"), target, Flow(), TAG)
    await target.close()

    with tarfile.open(tmp_path / "a.tar") as tar:
        [entry] = json.load(tar.extractfile("manifest.json") or pytest.fail("no file"))
        layer = tar.extractfile(entry["Layers"][0])
        assert entry["RepoTags"] == ["registry.example/team/app:1.0"]
        assert layer is not None
        assert layer.read() == LAYER


async def test_an_index_is_not_for_docker(tmp_path: Path) -> None:
    """It says to choose a platform."""
    index = an_index(IMAGE.descriptor(platform={"os": "linux", "architecture": "amd64"}))
    folder = a_layout(tmp_path / "a", index, IMAGE.payload, LAYER, b"{}")
    target = await opened_archive(tmp_path / "a.tar", "")

    with pytest.raises(PlaceInvalid) as refused:
        await copy_all(await opened_layout(folder), target, Flow(), TAG)

    await target.close()
    assert "--platform" in refused.value.hint


async def test_of_an_index_one_platform_can_be_chosen(tmp_path: Path) -> None:
    """The others stay where they are; and which there are is said."""
    other = an_image(b"arm")
    index = an_index(
        IMAGE.descriptor(platform={"os": "linux", "architecture": "amd64"}),
        other.descriptor(platform={"os": "linux", "architecture": "arm64", "variant": "v8"}),
    )
    folder = a_layout(tmp_path / "a", index, IMAGE.payload, LAYER, b"{}", other.payload, b"arm")
    source = await opened_layout(folder)
    gathering = Gathering(source, platform="linux/arm64")

    assert await gathering.add(TAG, TAG) == other.digest
    assert list(gathering.closure.manifests) == [other.digest]
    with pytest.raises(PlaceInvalid) as refused:
        await Gathering(source, platform="windows/amd64").add(TAG, TAG)
    assert refused.value.hint == "There is: linux/amd64, linux/arm64/v8."


async def test_what_docker_saved_becomes_an_image(tmp_path: Path) -> None:
    """Its layers are compressed, the same way each time; those that are stay as they are, and links are followed."""
    packed = gzip.compress(b"a packed layer", mtime=0)
    path = a_docker_archive(tmp_path / "saved.tar", LAYER, packed)
    one, two = await asyncio.to_thread(DockerArchiveSource, path), await asyncio.to_thread(DockerArchiveSource, path)
    target = await opened_target(tmp_path / "to")
    await copy_all(one, target, Flow(), TagName("0"))
    await target.close()
    fetched = await one.manifest(TagName("0"))
    layers = fetched.manifest.layers
    stored = (tmp_path / "to" / blob_name(layers[0].digest)).read_bytes()

    assert (await two.manifest(TagName("0"))).digest == fetched.digest
    assert [each.media_type for each in layers] == [OCI_LAYER_GZIP] * 3
    assert layers[0].digest == layers[2].digest
    assert gzip.decompress(stored) == LAYER
    assert layers[1].digest == f"sha256:{hashlib.sha256(packed).hexdigest()}"
    await one.close()
    await two.close()


@pytest.mark.parametrize("name", ["team/app", "docker.io/team/app"])
async def test_an_image_of_an_archive_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    """With or without the registry that names of docker leave out."""
    source = await asyncio.to_thread(DockerArchiveSource, a_docker_archive(tmp_path / "saved.tar", LAYER))

    assert source.chosen(name, TAG) == "0"
    assert source.tags_of(source.images[0]) == (TAG,)
    with pytest.raises(ContentMissing):
        source.chosen("team/other", TAG)
    await source.close()


async def test_a_layer_that_is_not_the_configurations_is_refused(tmp_path: Path) -> None:
    """The archive does not say what its layers are otherwise."""
    path = a_docker_archive(tmp_path / "saved.tar", LAYER)
    path.write_bytes(path.read_bytes().replace(LAYER[:100], b"x" * 100))
    source = await asyncio.to_thread(DockerArchiveSource, path)

    with pytest.raises(ContentWrong):
        await source.manifest(TagName("0"))
    await source.close()


@pytest.mark.parametrize("content", [b"", b"no tar at all", gzip.compress(b"x" * 1_000, mtime=0)])
def test_what_is_no_archive_is_said_so(tmp_path: Path, content: bytes) -> None:
    """With what to do about a compressed one."""
    (tmp_path / "a.tar").write_bytes(content)

    with pytest.raises(PlaceUnusable):
        DockerArchiveSource(tmp_path / "a.tar")


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    """And tells how much there is to copy."""
    source = await source_in(tmp_path / "a")
    gathering = Gathering(source)
    await gathering.add(TAG, TAG)
    target = await opened_target(tmp_path / "to")

    report = await Copying(source, target, Flow()).look(gathering.closure)

    await target.close()
    assert report.bytes_missing == len(LAYER) + len(b"{}") + len(IMAGE.payload) == report.bytes_in_all
    assert not list((tmp_path / "to" / "blobs" / "sha256").iterdir())
