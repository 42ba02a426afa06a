# SPDX-License-Identifier: Apache-2.0
"""Trees as the CNCF distribution leaves them, in a folder or in the storage of a test."""

from pathlib import Path

from entrepot.infra.storage.adopted import TREE
from entrepot.infra.storage.adopted import adopted_key
from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.measured import MeasuredStorage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.infra.storage.two_places import TwoPlaces
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.fakes.faulty_storage import FaultyStorage


class DistributionTree:
    """A tree in a folder, to which content is added as a push to that registry does."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put_blob(self, repository: str, content: bytes) -> Digest:
        """Add a blob, and the repository's link to it."""
        digest = self.put_bytes(content)
        self.write(f"{repository}/_layers/{digest.replace(':', '/')}/link", digest)
        return digest

    def put_bytes(self, content: bytes) -> Digest:
        """Add a blob that no repository has."""
        digest = digest_of(content)
        path = self.root / adopted_key(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return digest

    def put_manifest(self, repository: str, built: BuiltManifest, *tags: str) -> Digest:
        """Add a manifest, and point tags at it."""
        self.put_bytes(built.payload)
        self.write(f"{repository}/_manifests/revisions/{built.digest.replace(':', '/')}/link", built.digest)
        for tag in tags:
            self.write(f"{repository}/_manifests/tags/{tag}/current/link", built.digest)
            self.write(f"{repository}/_manifests/tags/{tag}/index/{built.digest.replace(':', '/')}/link", built.digest)
        return built.digest

    def put_image(self, repository: str, built: BuiltManifest, *tags: str) -> Digest:
        """Add a manifest of `A_CONFIG` and `A_LAYER`, and those blobs."""
        self.put_blob(repository, A_CONFIG)
        self.put_blob(repository, A_LAYER)
        return self.put_manifest(repository, built, *tags)

    def write(self, path: str, text: str) -> Path:
        """Write a file below `repositories`, and return where."""
        file = self.root / TREE / "repositories" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def data(self, digest: Digest) -> Path:
        """Return where the bytes of a blob are."""
        return self.root / adopted_key(digest)


async def plant(storage: Storage, path: str, data: bytes) -> None:
    """Leave a file in the place of a storage, as another registry does."""
    match storage:
        case EncryptedStorage() | FaultyStorage() | MeasuredStorage():
            await plant(storage._inner, path, data)
        case MemoryStorage():
            storage._shelves.objects[ObjectKey(path)] = (data, storage._shelves.clock())
        case S3Storage():
            await storage._bucket.client.put(path, InMemory(data))
        case TwoPlaces():
            await plant(storage._second, path, data)
        case FilesystemStorage():
            write(storage._layout.root / path, data)
        case _:
            raise AssertionError(f"nobody has told how to plant in {storage!r}")


def write(file: Path, data: bytes) -> None:
    """Write a file, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
