# SPDX-License-Identifier: Apache-2.0
"""A bucket is opened as it was configured, whatever else is in the environment."""

from pathlib import Path

import pytest

from tests.builders.buckets import bucket_of
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import store
from tests.fakes.s3.server import S3Server

pytestmark = pytest.mark.anyio

ELSEWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "AWS_SKIP_SIGNATURE"]
)
async def test_variables_lead_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """What a library would take from the environment does not count, for writing nor for reading."""
    monkeypatch.setenv(variable, "true" if variable == "AWS_SKIP_SIGNATURE" else ELSEWHERE)
    async with S3Server().serving() as server:
        storage = bucket_of(server, tmp_path, attempts=1)

        key = await store(storage, b"content")

        assert await collect(storage.read(key)) == b"content"
        await storage.close()
