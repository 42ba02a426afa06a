# SPDX-License-Identifier: Apache-2.0
"""Connections are tested on the event loop that serves them."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run asynchronous tests on uvloop."""
    return ("asyncio", {"use_uvloop": True})


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """What was logged, which is printed nowhere."""
    with capture_logs() as entries:
        yield entries
