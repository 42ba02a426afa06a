# SPDX-License-Identifier: Apache-2.0
"""An instance for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.instance import Instance
from tests.builders.instance import an_instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance without users."""
    with an_instance(tmp_path) as instance:
        yield instance
