# SPDX-License-Identifier: Apache-2.0
"""Who asks Azure: keys, shared access signatures and workload identities, and none of them is ever told."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.clouds import container_of
from tests.builders.clouds import surroundings
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.fakes.azure.authority import CLIENT
from tests.fakes.azure.authority import KEY
from tests.fakes.azure.authority import TENANT
from tests.fakes.azure.server import AzureServer
from tests.fakes.s3.faults import Fail
from tests.unit.infra.storage.s3.nodes import client_of
from tests.unit.infra.storage.s3.nodes import hurried

pytestmark = pytest.mark.anyio

PART = 60_000
SIGNATURE = "sv=2023-11-03&sp=rwdl&sr=c&sig=c2VjcmV0%2Fc2ln%3D"
WORKLOAD = "a token of a workload"


@pytest.fixture
async def azure() -> AsyncIterator[AzureServer]:
    """A container, with a workload that may ask and a signature that was given."""
    async with AzureServer().serving() as server:
        server.authority.accepted.add(WORKLOAD)
        server.authority.given.add("c2VjcmV0/c2ln=")
        yield server


def workload(azure: AzureServer, folder: Path) -> dict[str, object]:
    """Return the settings of a workload identity."""
    path = folder / "token"
    path.write_text(f"{WORKLOAD}\n")
    identity = {"tenant_id": TENANT, "client_id": CLIENT, "federated_token_file": path}
    return {**identity, "authority": azure.url}


async def test_the_configuration_comes_before_the_environment(azure: AzureServer, tmp_path: Path) -> None:
    """A key comes before a signature; without anything it is said what is missing."""
    around = surroundings(tmp_path)
    with pytest.raises(StorageUnavailable, match="nobody says"):
        container_of(azure, around, account_key="")

    for environment in ({"AZURE_STORAGE_KEY": KEY}, {"AZURE_STORAGE_SAS_TOKEN": f"?{SIGNATURE}"}):
        await checked(container_of(azure, replace(around, environment=environment), account_key=""))
    wrong = replace(around, environment={"AZURE_STORAGE_KEY": "d3Jvbmc="})
    with pytest.raises(StorageUnavailable, match="403 AuthenticationFailed"):
        await checked(container_of(azure, wrong, account_key=""))
    await checked(container_of(azure, wrong, sas_token=SIGNATURE))
    await checked(container_of(azure, wrong, **workload(azure, tmp_path)))


async def checked(storage: S3Storage) -> None:
    """Write and read something."""
    try:
        await hurried(storage).check()
    finally:
        await storage.close()


async def test_a_token_that_ends_in_the_middle_of_an_upload_is_replaced(azure: AzureServer, tmp_path: Path) -> None:
    """The client sees nothing of it, and one token is asked for, for all blocks that are on their way."""
    storage = hurried(container_of(azure, surroundings(tmp_path, PART), **workload(azure, tmp_path)))
    writer = await storage.create(object_key())
    await writer.write(content(5 * PART))
    await writer.flush()
    azure.authority.ended.update(azure.authority.tokens)
    await writer.write(content(10 * PART)[5 * PART :])
    await writer.commit()

    assert await collect(storage.read(writer.key)) == content(10 * PART)
    assert len(azure.authority.tokens) == 2
    await storage.close()


@pytest.mark.parametrize("kind", ["signature", "workload"])
async def test_clients_are_sent_away_only_with_a_key(azure: AzureServer, tmp_path: Path, kind: str) -> None:
    """Whoever has none is told at the start."""
    settings = workload(azure, tmp_path) if kind == "workload" else {"sas_token": SIGNATURE}
    redirects = RedirectSettings.model_validate({"internal": ["10.0.0.0/8"]})

    with pytest.raises(StorageUnavailable, match="redirects take a key"):
        container_of(azure, surroundings(tmp_path, redirects=redirects), **settings)


async def test_a_workload_that_is_refused_is_told_by_whom(azure: AzureServer, tmp_path: Path) -> None:
    """The token stays out of it."""
    azure.authority.accepted.clear()
    storage = container_of(azure, surroundings(tmp_path), **workload(azure, tmp_path))

    with pytest.raises(StorageUnavailable, match=r"127\.0\.0\.1 answers 401 invalid_client"):
        await checked(storage)


async def test_no_secret_is_told(azure: AzureServer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither errors nor what is logged nor what is shown for debugging holds a key, a signature or a token."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for settings in ({"account_key": KEY}, {"sas_token": SIGNATURE}, workload(azure, tmp_path)):
        for code in ("AuthenticationFailed", "InternalError"):
            azure.faults.clear()
            azure.faults.add(Fail(code), "PutBlob", "GetBlob", "PutBlock")
            storage = hurried(container_of(azure, surroundings(tmp_path), **settings))
            client_of(storage).sender.attempts = 2
            for doing in (store(storage, b"content"), collect(storage.read(object_key()))):
                with pytest.raises(StorageUnavailable) as raised:
                    await doing
                told += _all_of(raised.value)
            told += [repr(storage._bucket), repr(client_of(storage)), repr(client_of(storage).sender.wallet)]
            await storage.close()

    told.append(caplog.text)
    secrets = [KEY, "c2VjcmV0", WORKLOAD, *azure.authority.tokens]
    assert azure.authority.tokens
    assert not [secret for secret in secrets for text in told if secret in text]


def _all_of(error: BaseException | None) -> list[str]:
    found = []
    while error is not None:
        found += [repr(error), str(error)]
        error = error.__cause__ or error.__context__
    return found
