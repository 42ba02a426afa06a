# SPDX-License-Identifier: Apache-2.0
"""Storages in the buckets of S3s for tests, and of the real one that `ENTREPOT_TEST_S3` names: its URL, a secret."""

import os
from dataclasses import replace
from pathlib import Path

from entrepot.infra.storage.s3.bucket import PartRules
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.opening import open_bucket
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.settings import S3Settings
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.kernel.identifiers import new_ulid
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.server import REGION
from tests.fakes.s3.server import S3Server

REAL, _, REAL_SECRET = os.environ.get("ENTREPOT_TEST_S3", "").partition(" ")
REAL_KEY_ID, REAL_REGION, REAL_BUCKET = "entrepot", "us-east-1", "registry"

PART_BYTES = 400_000
"""Not a multiple of any piece that tests write, so that parts end in the middle of one."""

NO_REDIRECTS = RedirectSettings()


def bucket_of(
    server: S3Server,
    folder: Path,
    part_bytes: int = PART_BYTES,
    redirects: RedirectSettings = NO_REDIRECTS,
    **settings: object,
) -> S3Storage:
    """Open the bucket of a server as `OWNER`, with small parts."""
    owner = {"access_key_id": OWNER.key_id, "secret_access_key": OWNER.secret}
    around = Surroundings(spool_dir=folder / "spool", redirects=redirects)
    return opened_bucket(server, around, part_bytes, **owner, **settings)


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


def real_bucket(url: str, folder: Path, redirects: RedirectSettings = NO_REDIRECTS, prefix: str = "") -> S3Storage:
    """Open a place in the bucket of the real S3, an empty one unless its prefix is given; its parts are small.

    The server is reached by `url`.
    """
    owner = {"access_key_id": REAL_KEY_ID, "secret_access_key": REAL_SECRET}
    given = S3Settings.model_validate({"endpoint": url, "region": REAL_REGION, "attempts": 16, **owner})
    smallest = PartRules().min_bytes
    rules = PartRules(bytes=smallest, unknown_bytes=smallest)
    around = Surroundings(spool_dir=folder / "spool", rules=rules, redirects=redirects)
    return open_bucket(f"s3://{REAL_BUCKET}/{prefix or new_ulid()}", given, around)


def real_bucket_in_environment(prefix: str) -> dict[str, str]:
    """Return what leads a server to a place in the bucket of the real S3."""
    return {
        "ENTREPOT_STORAGE__URL": f"s3://{REAL_BUCKET}/{prefix}",
        "ENTREPOT_STORAGE__S3__ENDPOINT": REAL,
        "ENTREPOT_STORAGE__S3__REGION": REAL_REGION,
        "ENTREPOT_STORAGE__S3__ACCESS_KEY_ID": REAL_KEY_ID,
        "ENTREPOT_STORAGE__S3__SECRET_ACCESS_KEY": REAL_SECRET,
    }
