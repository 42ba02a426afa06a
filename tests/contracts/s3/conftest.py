# SPDX-License-Identifier: Apache-2.0
"""An S3 that runs, and somebody who asks it."""

from collections.abc import Iterator

import pytest

from tests.contracts.s3.client import Client
from tests.fakes.s3.server import S3Server


@pytest.fixture
def s3() -> Iterator[S3Server]:
    """An S3 with an empty bucket."""
    with S3Server().running() as server:
        yield server


@pytest.fixture
def client(s3: S3Server) -> Client:
    """Its owner."""
    return Client(s3.url)
