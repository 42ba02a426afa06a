# SPDX-License-Identifier: Apache-2.0
"""An application for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def alice(application: Application) -> Client:
    """Somebody who may pull, push and delete below `team/`, and nothing else."""
    return await application.user("alice", ("team/**", "admin"))
