# SPDX-License-Identifier: Apache-2.0
"""Storages at Azure and Google for tests: at fakes, and at the servers that variables name.

`ENTREPOT_TEST_AZURE` is the URL of an Azurite, with its account, and a key; `ENTREPOT_TEST_GOOGLE` the URL of a
fake-gcs-server.
"""

import asyncio
import os
from pathlib import Path

from entrepot.infra.storage.azure.opening import open_container
from entrepot.infra.storage.azure.settings import AzureSettings
from entrepot.infra.storage.google.opening import open_google
from entrepot.infra.storage.google.settings import GoogleSettings
from entrepot.infra.storage.s3.bucket import PartRules
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.kernel.identifiers import new_ulid
from tests.builders.buckets import NO_REDIRECTS
from tests.builders.buckets import PART_BYTES
from tests.fakes.azure.authority import ACCOUNT
from tests.fakes.azure.authority import KEY
from tests.fakes.azure.server import CONTAINER
from tests.fakes.azure.server import AzureServer
from tests.fakes.google.authority import service_account
from tests.fakes.google.server import GoogleServer
from tests.fakes.s3.server import BUCKET

REAL_AZURE, _, REAL_AZURE_KEY = os.environ.get("ENTREPOT_TEST_AZURE", "").partition(" ")
REAL_GOOGLE = os.environ.get("ENTREPOT_TEST_GOOGLE", "")
REAL_ATTEMPTS = 16


def surroundings(
    folder: Path, part_bytes: int = PART_BYTES, redirects: RedirectSettings = NO_REDIRECTS
) -> Surroundings:
    """Return those of a node with small parts and an empty environment."""
    rules = PartRules(min_bytes=16, bytes=part_bytes, unknown_bytes=part_bytes)
    return Surroundings(spool_dir=folder / "spool", redirects=redirects, environment={}, rules=rules)


def container_of(server: AzureServer, around: Surroundings, **settings: object) -> S3Storage:
    """Open the container of a server with the key of its account, or with whatever the settings name."""
    keys = settings or {"account_key": KEY}
    given = AzureSettings.model_validate({"account": ACCOUNT, "endpoint": server.endpoint, **keys})
    return open_container(f"azure://{CONTAINER}/some/prefix", given, around)


async def google_of(server: GoogleServer, folder: Path, around: Surroundings, **settings: object) -> S3Storage:
    """Open the bucket of a server as its service account, or as whoever the settings name; files are read."""
    if not settings:
        settings = {"credentials_file": await asyncio.to_thread(service_account, server.url, folder / "account.json")}
    given = GoogleSettings.model_validate({"endpoint": server.url, **settings})
    return await asyncio.to_thread(open_google, f"gs://{BUCKET}/some/prefix", given, around)


def real_container(url: str, folder: Path, redirects: RedirectSettings = NO_REDIRECTS) -> S3Storage:
    """Open an empty place in the container of an Azurite, which is reached by `url`."""
    settings = {"account": ACCOUNT, "account_key": REAL_AZURE_KEY, "endpoint": url, "attempts": REAL_ATTEMPTS}
    around = surroundings(folder, redirects=redirects)
    return open_container(f"azure://{CONTAINER}/{new_ulid()}", AzureSettings.model_validate(settings), around)


async def real_google(url: str, folder: Path) -> S3Storage:
    """Open an empty place in the bucket of a fake-gcs-server, which is reached by `url`."""
    account = await asyncio.to_thread(service_account, url, folder / "account.json")
    settings = {"endpoint": url, "attempts": REAL_ATTEMPTS, "credentials_file": account}
    given, around = GoogleSettings.model_validate(settings), surroundings(folder)
    return await asyncio.to_thread(open_google, f"gs://{BUCKET}/{new_ulid()}", given, around)
