# SPDX-License-Identifier: Apache-2.0
"""Manifests and the content they name: what must be here first, and what may come later or never."""

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import BUILDKIT_CACHE_CONFIG
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import a_manifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

ABSENT = {"mediaType": OCI_MANIFEST, "digest": digest_of(b"absent"), "size": 1024}


@pytest.fixture
def strict(core: Opener) -> Repository:
    """A repository of a registry as it is by default: an image needs its blobs."""
    return Repository(core(Wiring()), "strict/app")


@pytest.fixture
def lenient(core: Opener) -> Repository:
    """A repository of a registry that accepts images without their blobs."""
    return Repository(core(Wiring(settings={"sparse_images": True})), "lenient/app")


def test_a_missing_layer_is_named(strict: Repository) -> None:
    """An image whose layer is not here answers 400 with the digest, in the detail and in the message."""
    strict.upload(A_CONFIG)

    answer = strict.put(an_image_manifest(), "v1")

    assert answer.error == (400, "MANIFEST_BLOB_UNKNOWN")
    assert answer.json["errors"][0]["detail"] == [{"digest": digest_of(A_LAYER)}]
    assert digest_of(A_LAYER) in answer.message
    assert strict.status("manifests", "v1") == 404


def test_a_blob_of_another_repository_does_not_count(strict: Repository) -> None:
    """What an image needs must be in its own repository."""
    Repository(strict.transport, "another/app").push_image()

    assert strict.put(an_image_manifest()).error == (400, "MANIFEST_BLOB_UNKNOWN")


def test_a_deleted_blob_does_not_count(strict: Repository) -> None:
    """A layer that was deleted is missing until it is pushed again."""
    strict.upload(A_CONFIG)
    strict.ask("DELETE", f"blobs/{strict.upload(A_LAYER)}")

    assert strict.put(an_image_manifest()).error == (400, "MANIFEST_BLOB_UNKNOWN")
    strict.upload(A_LAYER)
    assert strict.put(an_image_manifest()).status == 201


def test_a_blob_under_another_algorithm_does_not_count(strict: Repository) -> None:
    """A layer listed by its sha256 must have been pushed by its sha256."""
    strict.upload(A_CONFIG)
    strict.upload(A_LAYER, "sha512")

    assert strict.put(an_image_manifest()).error == (400, "MANIFEST_BLOB_UNKNOWN")


def test_one_list_may_mix_algorithms(strict: Repository) -> None:
    """A manifest names some blobs by sha256 and others by sha512."""
    strict.upload(A_CONFIG)
    layer = a_descriptor(A_LAYER, digest=strict.upload(A_LAYER, "sha512"))

    assert strict.put(an_image_manifest(layers=[layer])).status == 201


def test_data_within_a_descriptor_must_be_what_its_digest_says(strict: Repository) -> None:
    """A `data` field with other content answers 400: nobody is served something else."""
    strict.push_image()
    layer = a_descriptor(A_LAYER, data="b3RoZXI=")

    assert strict.put(an_image_manifest(layers=[layer])).error == (400, "MANIFEST_INVALID")


def test_a_sparse_image_is_accepted_where_the_operator_says_so(lenient: Repository) -> None:
    """With `sparse_images`, an image whose layer is not here is pushed, pulled and deleted like any other."""
    lenient.upload(A_CONFIG)

    built = lenient.push(an_image_manifest(), "sparse")

    assert lenient.has(built)
    assert lenient.status("blobs", digest_of(A_LAYER)) == 404
    assert lenient.ask("DELETE", f"manifests/{built.digest}").status == 202


def test_a_sparse_image_protects_a_layer_that_comes_later(lenient: Repository) -> None:
    """Once its layer arrives, the image needs it: the layer cannot be deleted."""
    lenient.upload(A_CONFIG)
    built = lenient.push(an_image_manifest(), "sparse")

    lenient.upload(A_LAYER)

    refused = lenient.ask("DELETE", f"blobs/{digest_of(A_LAYER)}")
    assert refused.error == (405, "UNSUPPORTED")
    assert built.digest in refused.message


def test_a_sparse_index_is_accepted(repo: Repository) -> None:
    """An index may name manifests that are not here: partial mirrors push such indexes."""
    child = repo.push_image()
    built = repo.push(an_index(child.descriptor(), ABSENT), "sparse")

    assert repo.has(built)
    assert repo.status("manifests", digest_of(b"absent")) == 404


def test_an_index_may_come_before_its_children(repo: Repository) -> None:
    """A child that arrives later is held by the index that waited for it."""
    child = an_image_manifest()
    index = repo.push(an_index(child.descriptor()), "v1")

    repo.push_image()

    assert repo.has(index)
    assert repo.has(child)


def test_a_cache_that_lists_layers_like_children_is_accepted(repo: Repository) -> None:
    """BuildKit's cache export is an index whose entries are blobs: no manifests, and no images."""
    config = b'{"layers":[{"blob":"sha256:x"}]}'
    repo.upload(config)
    repo.upload(A_LAYER)
    cache = an_index(a_descriptor(), a_descriptor(config, BUILDKIT_CACHE_CONFIG))

    repo.push(cache, "buildcache")

    assert repo.has(cache)
    assert repo.ask("GET", f"blobs/{digest_of(config)}").body == config


def test_a_cache_protects_the_layers_it_lists(repo: Repository) -> None:
    """A blob listed by an index is needed by it, whether it was there first or came later."""
    repo.upload(A_LAYER)
    repo.push(an_index(a_descriptor(), a_descriptor(A_CONFIG)), "buildcache")
    repo.upload(A_CONFIG)

    refused = [repo.ask("DELETE", f"blobs/{digest_of(content)}").error for content in (A_LAYER, A_CONFIG)]

    assert refused == [(405, "UNSUPPORTED")] * 2


@pytest.mark.parametrize(
    "layer",
    [
        a_descriptor(b"windows", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", urls=["https://a.test/"]),
        a_descriptor(b"windows", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
        a_descriptor(b"windows", "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"),
        a_descriptor(b"windows", urls=["https://layers.example/windows"]),
    ],
    ids=["docker", "gzip", "zstd", "urls"],
)
def test_a_layer_that_is_kept_elsewhere_is_never_required(strict: Repository, layer: dict[str, object]) -> None:
    """Foreign layers, non-distributable ones and those with `urls` may be absent."""
    strict.upload(A_CONFIG)
    strict.upload(A_LAYER)

    built = strict.push(an_image_manifest(layers=[layer, a_descriptor()]))

    assert strict.has(built)


def test_a_foreign_layer_that_was_pushed_is_served(repo: Repository) -> None:
    """Clients that push foreign layers all the same get them back."""
    content = b"windows"
    repo.upload(A_CONFIG)
    repo.upload(content)
    layer = a_descriptor(content, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")

    repo.push(an_image_manifest(layers=[layer]))

    assert repo.ask("GET", f"blobs/{digest_of(content)}").body == content
    assert repo.ask("DELETE", f"blobs/{digest_of(content)}").error == (405, "UNSUPPORTED")


@pytest.mark.parametrize("kind", ["application/vnd.example.thing.v1+json", "application/json", "text/x-anything"])
def test_an_unknown_type_is_kept_byte_for_byte(repo: Repository, kind: str) -> None:
    """Any JSON object is a manifest of the type it was sent with, whatever it says."""
    payload = b'{ "anything": [1, 2.50, null], "layers": "none", "subject": 7 }\n'
    built = repo.push(BuiltManifest(payload, kind, digest_of(payload)), "thing")

    answer = repo.ask("GET", "manifests/thing")

    assert (answer.body, answer.header("content-type")) == (built.payload, kind)


def test_an_unknown_type_requires_nothing(strict: Repository) -> None:
    """What an unknown manifest lists need not be here, and is protected once it is."""
    strict.upload(A_LAYER)
    kind = "application/vnd.example.thing.v1+json"

    built = strict.push(a_manifest({"blobs": [a_descriptor(), a_descriptor(b"absent")]}, kind))

    assert strict.has(built)
    assert strict.ask("DELETE", f"blobs/{digest_of(A_LAYER)}").error == (405, "UNSUPPORTED")
