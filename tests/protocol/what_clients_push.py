# SPDX-License-Identifier: Apache-2.0
"""The data sets that the registry is held to: each function fills one."""

from collections.abc import Callable

from entrepot.oci.media_types import BUILDKIT_CACHE_CONFIG
from entrepot.oci.media_types import DOCKER_CONFIG
from entrepot.oci.media_types import DOCKER_FOREIGN_LAYER_GZIP
from entrepot.oci.media_types import DOCKER_LAYER_GZIP
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import OCI_ARTIFACT_MANIFEST
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.media_types import OCI_FOREIGN_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import Json
from tests.protocol.data_sets import AMD64
from tests.protocol.data_sets import ARM64
from tests.protocol.data_sets import TYPE_ONE
from tests.protocol.data_sets import DataSet

TYPE_TWO = "application/vnd.example.protocol.two.v1"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
NOTE: Json = {"example.note": "kept with care"}

Fill = Callable[[DataSet], object]


def image(data: DataSet) -> object:
    """An image of two compressed layers."""
    return data.image("image")


def uncompressed_image(data: DataSet) -> object:
    """An image whose layers are plain tar files."""
    layers = [data.layer(name, OCI_LAYER) for name in ("one", "two")]
    return data.manifest({"config": data.config(), "layers": layers}, OCI_MANIFEST, "uncompressed")


def image_without_layers(data: DataSet) -> object:
    """An image whose list of layers is empty."""
    return data.manifest({"config": data.config(), "layers": []}, OCI_MANIFEST, "no-layers")


def large_manifest(data: DataSet) -> object:
    """An image whose annotations make its manifest 3.9 MB."""
    return data.image("large", annotations={f"example.{number}": "A" * 10_000 for number in range(390)})


def index(data: DataSet) -> object:
    """An image for two platforms."""
    return data.index("index")


def nested_index(data: DataSet) -> object:
    """An index of two indexes."""
    children = [data.describe(data.index(annotations={"example.number": number})) for number in ("1", "2")]
    return data.index("nested", children=list(children))


def empty_index(data: DataSet) -> object:
    """An index of nothing."""
    return data.index("empty", children=[])


def artifact(data: DataSet) -> object:
    """An artifact: an empty configuration and a type of its own."""
    return data.artifact("artifact")


def artifact_without_layers(data: DataSet) -> object:
    """An artifact whose only layer is the empty object."""
    return data.artifact("bare", layers=[data.empty()])


def artifact_index(data: DataSet) -> object:
    """An index of artifacts, itself with a type."""
    children = [data.describe(data.artifact(name=name)) for name in ("one", "two")]
    return data.index("artifacts", children=list(children), artifactType=TYPE_ONE)


def artifacts_with_subject(data: DataSet) -> object:
    """An image, and three artifacts that refer to it: two with tags, one whose type is that of its configuration."""
    subject = data.describe(data.image("subject"))
    data.image(name="referrer", subject=subject)
    data.artifact("one", subject=subject, annotations={**NOTE, "example.number": "1"})
    return data.artifact("two", kind=TYPE_TWO, subject=subject, annotations={**NOTE, "example.number": "2"})


def indexes_with_subject(data: DataSet) -> object:
    """An index, and two indexes that refer to it, one with a type and one without."""
    subject = data.describe(data.index("subject"))
    children = [data.describe(data.artifact())]
    data.index(children=list(children), subject=subject)
    return data.index("one", children=list(children), subject=subject, artifactType=TYPE_ONE, annotations=NOTE)


def missing_subject(data: DataSet) -> object:
    """An artifact that refers to something that is not here."""
    return data.artifact("early", subject=data.absent(b"not here", OCI_MANIFEST), annotations=NOTE)


def data_fields(data: DataSet) -> object:
    """An image whose descriptors hold what they describe."""
    data.embeds_data = True
    return data.index("embedded")


def layers_kept_elsewhere(data: DataSet) -> object:
    """An image with two layers that its registry does not have."""
    layers = [
        data.absent(b"one", OCI_FOREIGN_LAYER_GZIP, urls=["https://layers.example/one"]),
        data.absent(b"two", OCI_FOREIGN_LAYER, urls=["https://layers.example/two"]),
        data.layer("three"),
    ]
    return data.manifest({"config": data.config(), "layers": layers}, OCI_MANIFEST, "elsewhere")


def custom_fields(data: DataSet) -> object:
    """An image for two platforms, with fields that no specification knows in every document."""
    data.extra = {"org.example.unknown": [1, 2.5, None, {"deep": "value"}]}
    return data.index("custom")


def sparse_index(data: DataSet) -> object:
    """An index of which one child is not here."""
    here = data.describe(data.image(), platform=AMD64)
    return data.index("sparse", children=[here, data.absent(b"arm", OCI_MANIFEST, platform=ARM64)])


def sha512(data: DataSet) -> object:
    """An image for two platforms, everything addressed by sha512, without a tag."""
    data.algorithm = "sha512"
    return data.index()


def sha512_with_tags(data: DataSet) -> object:
    """An image for two platforms, everything addressed by sha512, each manifest with a tag."""
    data.algorithm = "sha512"
    data.index("top", "top-again")
    data.tags |= {f"part-{number}": built for number, built in enumerate(data.manifests)}
    return data


def docker_image(data: DataSet) -> object:
    """An image in Docker's second format."""
    layers = [data.layer(name, DOCKER_LAYER_GZIP) for name in ("one", "two")]
    return data.manifest({"config": data.config(DOCKER_CONFIG), "layers": layers}, DOCKER_MANIFEST, "docker")


def docker_list(data: DataSet) -> object:
    """A list in Docker's format, and an artifact that refers to it."""
    layers = [data.layer("one", DOCKER_LAYER_GZIP)]
    child = data.manifest({"config": data.config(DOCKER_CONFIG), "layers": layers}, DOCKER_MANIFEST)
    listed = data.manifest({"manifests": [data.describe(child, platform=AMD64)]}, DOCKER_LIST, "docker-list")
    return data.artifact(subject=data.describe(listed))


def windows_image(data: DataSet) -> object:
    """A Docker image on a foreign layer."""
    layers = [data.absent(b"windows", DOCKER_FOREIGN_LAYER_GZIP, urls=["https://layers.example/windows"])]
    layers.append(data.layer("mine", DOCKER_LAYER_GZIP))
    return data.manifest({"config": data.config(DOCKER_CONFIG), "layers": layers}, DOCKER_MANIFEST, "windows")


def buildkit_cache(data: DataSet) -> object:
    """A cache export of BuildKit (`type=registry,mode=max`): an index whose entries are blobs."""
    children = [data.layer("one"), data.layer("two"), data.blob(b'{"layers":[]}', BUILDKIT_CACHE_CONFIG)]
    return data.index("buildcache", children=children)


def buildkit_cache_image(data: DataSet) -> object:
    """A cache export of BuildKit as an image (`image-manifest=true`)."""
    config = data.blob(b'{"layers":[]}', BUILDKIT_CACHE_CONFIG)
    layers = [data.layer("one"), data.layer("two")]
    return data.manifest({"config": config, "layers": layers}, OCI_MANIFEST, "buildcache-image")


def buildkit_provenance(data: DataSet) -> object:
    """An image as buildx pushes it: an index with an attestation beside the platform."""
    built = data.image(name="built")
    layers = [data.layer("statement", "application/vnd.in-toto+json")]
    statement = data.manifest({"config": data.config(name="attestation"), "layers": layers}, OCI_MANIFEST)
    unknown = {"os": "unknown", "architecture": "unknown"}
    about = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": built.digest}
    children: list[Json] = [data.describe(built, platform=AMD64)]
    children.append(data.describe(statement, platform=unknown, annotations=about))
    return data.index("provenance", children=children)


def helm_chart(data: DataSet) -> object:
    """A chart as Helm pushes it."""
    config = data.config("application/vnd.cncf.helm.config.v1+json")
    layers = [data.layer("chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")]
    return data.manifest({"config": config, "layers": layers}, OCI_MANIFEST, "1.2.3_build")


def wasm_module(data: DataSet) -> object:
    """A WebAssembly component."""
    config = data.config("application/vnd.wasm.config.v0+json")
    return data.manifest({"config": config, "layers": [data.layer("module", "application/wasm")]}, OCI_MANIFEST, "wasm")


def signature_beside_an_image(data: DataSet) -> object:
    """A signature the way cosign kept it: an image under a tag made of its subject's digest."""
    subject = data.image("signed")
    layers = [data.layer("payload", "application/vnd.dev.cosign.simplesigning.v1+json")]
    tag = f"{subject.digest.replace(':', '-')}.sig"
    return data.manifest({"config": data.config(name="signature"), "layers": layers}, OCI_MANIFEST, tag)


def deprecated_artifact_manifest(data: DataSet) -> object:
    """An artifact manifest of a release candidate of the image specification."""
    subject = data.describe(data.image("subject"))
    document = {"artifactType": TYPE_ONE, "blobs": [data.layer("one", TYPE_ONE)], "subject": subject}
    return data.manifest(document, OCI_ARTIFACT_MANIFEST)


FILLS: dict[str, Fill] = {
    fill.__name__: fill
    for fill in (
        image,
        uncompressed_image,
        image_without_layers,
        large_manifest,
        index,
        nested_index,
        empty_index,
        artifact,
        artifact_without_layers,
        artifact_index,
        artifacts_with_subject,
        indexes_with_subject,
        missing_subject,
        data_fields,
        layers_kept_elsewhere,
        custom_fields,
        sparse_index,
        sha512,
        sha512_with_tags,
        docker_image,
        docker_list,
        windows_image,
        buildkit_cache,
        buildkit_cache_image,
        buildkit_provenance,
        helm_chart,
        wasm_module,
        signature_beside_an_image,
        deprecated_artifact_manifest,
    )
}
