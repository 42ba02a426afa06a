# SPDX-License-Identifier: Apache-2.0
"""Where nodes keep the bytes that they share: in a bucket of a SeaweedFS of their own, or in a folder."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.scale.object_stores import BUCKET
from tests.scale.object_stores import KEY_ID
from tests.scale.object_stores import REGION
from tests.scale.object_stores import S3
from tests.scale.object_stores import seaweedfs
from tests.scale.programs import Program


@dataclass(frozen=True, slots=True)
class Bytes:
    """A storage: its address, what a node needs in its environment for it, and its server where there is one."""

    url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    server: Program | None = None


Storing = Callable[[Path], AbstractContextManager[Bytes]]
"""Makes a storage that may use a folder which is not there yet."""


@contextmanager
def in_bucket(_folder: Path) -> Iterator[Bytes]:
    """Keep the bytes in a bucket."""
    with seaweedfs() as s3:
        yield bytes_in(s3, "nodes")


@contextmanager
def in_folder(folder: Path) -> Iterator[Bytes]:
    """Keep the bytes in a folder, as a file server gives it to every node."""
    folder.mkdir(parents=True)
    yield Bytes(folder.as_uri())


STORING: dict[str, Storing] = {"bucket": in_bucket, "folder": in_folder}


def bytes_in(s3: S3, prefix: str) -> Bytes:
    """Return a place in a bucket."""
    environment = {
        "ENTREPOT_STORAGE__S3__ENDPOINT": s3.url,
        "ENTREPOT_STORAGE__S3__REGION": REGION,
        "ENTREPOT_STORAGE__S3__ACCESS_KEY_ID": KEY_ID,
        "ENTREPOT_STORAGE__S3__SECRET_ACCESS_KEY": s3.secret,
    }
    return Bytes(f"s3://{BUCKET}/{prefix}", environment, s3.program)
