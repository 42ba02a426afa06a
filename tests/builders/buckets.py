# SPDX-License-Identifier: Apache-2.0
"""Storages in the buckets of S3s for tests."""

from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from entrepot.infra.storage.s3.bucket import PartRules
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.opening import open_bucket
from entrepot.infra.storage.s3.settings import S3Settings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.server import REGION
from tests.fakes.s3.server import S3Server

PART_BYTES = 400_000
"""Not a multiple of any piece that tests write, so that parts end in the middle of one."""


def bucket_of(server: S3Server, folder: Path, part_bytes: int = PART_BYTES, **settings: object) -> S3Storage:
    """Open the bucket of a server as `OWNER`, with small parts."""
    owner = {"access_key_id": OWNER.key_id, "secret_access_key": SecretStr(OWNER.secret)}
    return opened_bucket(server, Surroundings(spool_dir=folder / "spool"), part_bytes, **owner, **settings)


def opened_bucket(
    server: S3Server, around: Surroundings, part_bytes: int = PART_BYTES, **settings: object
) -> S3Storage:
    """Open the bucket of a server as whoever the surroundings or the settings name, with small parts."""
    given = S3Settings.model_validate({"endpoint": server.url, "region": REGION, **settings})
    rules = PartRules(
        equal=server.traits.needs_equal_parts,
        min_bytes=server.traits.least_part,
        bytes=part_bytes,
        unknown_bytes=part_bytes,
    )
    return open_bucket(f"s3://{BUCKET}/some/prefix", given, replace(around, rules=rules))
