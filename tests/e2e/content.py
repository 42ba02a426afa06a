# SPDX-License-Identifier: Apache-2.0
"""What stories look at: images with a history, an index of them, a chart, and what refers to them."""

import hashlib
import json
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import RowMapping
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.artifacts.tables import artifact_facts
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_EMPTY
from entrepot.oci.media_types import OCI_LAYER_GZIP
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.e2e.registry import Registry
from tests.server import wait_until

HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
SBOM = "application/spdx+json"
SIGNATURE = "application/vnd.cncf.notary.signature"

COMMANDS = (
    "/bin/sh -c #(nop) ADD file:rootfs.tar.xz in / ",
    "RUN /bin/sh -c apt-get update && apt-get install --no-install-recommends --yes ca-certificates tzdata",
    "COPY service /usr/local/bin/service # buildkit",
)
LAYER_SIZES = (400_000, 90_000, 1_500)


@dataclass(frozen=True, slots=True)
class Application:
    """The digests of an application that was pushed."""

    index: str
    amd64: str
    arm64: str
    sbom: str
    """Refers to the index."""
    signature: str
    """Refers to the SBOM."""


def push_application(registry: Registry, repository: str, tag: str) -> Application:
    """Push an index of two platforms under a tag, its SBOM, and a signature of that; wait until all is examined."""
    images = {name: push_platform(registry, repository, tag, name) for name in ("amd64", "arm64")}
    entries = [
        image.descriptor(platform={"os": "linux", "architecture": architecture})
        for architecture, image in images.items()
    ]
    annotations = {
        "org.opencontainers.image.title": "Example service",
        "org.opencontainers.image.source": "https://example.org/source/service",
        "org.opencontainers.image.description": "Answers greetings",
    }
    index = an_index(*entries, annotations=annotations)
    registry.push_manifest(repository, index, tag)
    sbom = push_referrer(registry, repository, index, SBOM, b'{"spdxVersion":"SPDX-2.3","packages":[]}')
    signature = push_referrer(registry, repository, sbom, SIGNATURE, b"an envelope with a signature")
    application = Application(
        index.digest, images["amd64"].digest, images["arm64"].digest, sbom.digest, signature.digest
    )
    for manifest in (index, *images.values(), sbom, signature):
        wait_until_examined(registry, repository, manifest.digest)
    return application


def push_platform(registry: Registry, repository: str, version: str, architecture: str) -> BuiltManifest:
    """Push an image with three layers and the commands that made them, which has no tag."""
    layers = [_noise(f"{architecture} {number}", size) for number, size in enumerate(LAYER_SIZES)]
    config = json.dumps(_image_config(version, architecture, layers), indent=2).encode()
    for content in (config, *layers):
        registry.push_blob(repository, content)
    image = an_image_manifest(
        config=a_descriptor(config, OCI_CONFIG), layers=[a_descriptor(layer, OCI_LAYER_GZIP) for layer in layers]
    )
    registry.push_manifest(repository, image)
    return image


def push_chart(registry: Registry, repository: str, version: str) -> str:
    """Push a Helm chart under its version; wait until it is examined, and return its digest."""
    config = json.dumps(
        {"name": repository.rpartition("/")[2], "version": version, "apiVersion": "v2", "description": "A service"}
    ).encode()
    content = _noise(version, 4_000)
    for blob in (config, content):
        registry.push_blob(repository, blob)
    chart = an_image_manifest(config=a_descriptor(config, HELM_CONFIG), layers=[a_descriptor(content, HELM_CHART)])
    registry.push_manifest(repository, chart, version.replace("+", "_"))
    wait_until_examined(registry, repository, chart.digest)
    return chart.digest


def push_referrer(
    registry: Registry, repository: str, subject: BuiltManifest, artifact_type: str, content: bytes
) -> BuiltManifest:
    """Push an artifact that refers to `subject`, as tools attach them."""
    for blob in (b"{}", content):
        registry.push_blob(repository, blob)
    referrer = an_image_manifest(
        config=a_descriptor(b"{}", OCI_EMPTY),
        layers=[a_descriptor(content, artifact_type)],
        artifactType=artifact_type,
        subject=subject.descriptor(),
        annotations={"org.opencontainers.image.created": "2026-01-02T03:04:05Z"},
    )
    registry.push_manifest(repository, referrer)
    return referrer


def wait_until_examined(registry: Registry, repository: str, digest: str) -> None:
    """Return once it is known what an artifact is, which is found out soon after its push."""
    address = f"/api/v1/repositories/{repository}/-/artifacts/{digest}"
    server = registry.server
    wait_until(
        lambda: registry.ask("GET", address)["type"] != "pending", f"facts of {digest}", server.process, server.log
    )


@contextmanager
def nothing_known(registry: Registry, digest: str) -> Iterator[None]:
    """Take away what is known of an artifact, as just after its push, until the block ends."""

    def forget(connection: Connection) -> RowMapping:
        is_it = artifact_facts.c.digest == digest
        known = connection.execute(select(artifact_facts).where(is_it)).mappings().one()
        connection.execute(delete(artifact_facts).where(is_it))
        return known

    def remember(connection: Connection) -> None:
        connection.execute(insert(artifact_facts), dict(known))

    with closing(SqliteDatabase(registry.server.data / DATABASE_FILE)) as database:
        known = database.write_now(forget)
        yield
        database.write_now(remember)


def short(digest: str) -> str:
    """Return a digest as pages show it where there is little room."""
    algorithm, _, encoded = digest.partition(":")
    return f"{algorithm}:{encoded[:12]}"


def _image_config(version: str, architecture: str, layers: Sequence[bytes]) -> dict[str, object]:
    made = [{"created": "2026-01-02T03:04:05Z", "created_by": command} for command in COMMANDS]
    entry = {"created": "2026-01-02T03:04:05Z", "created_by": 'ENTRYPOINT ["service"]', "empty_layer": True}
    return {
        "architecture": architecture,
        "os": "linux",
        "created": "2026-01-02T03:04:05Z",
        "config": {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"],
            "Entrypoint": ["service"],
            "Labels": {"org.opencontainers.image.version": version},
        },
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
        "history": [*made, entry],
    }


def _noise(seed: str, size: int) -> bytes:
    """Return bytes that do not pack, the same for the same seed."""
    return hashlib.shake_256(seed.encode()).digest(size)
