# SPDX-License-Identifier: Apache-2.0
"""An instance for each test, with users who have second factors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.instance import Instance
from tests.builders.instance import an_instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance with the users alice and bob, whose clock stands still."""
    with an_instance(tmp_path) as instance:
        for name in ("alice", "bob"):
            instance.add_user(name, f"secret of {name}")
        yield instance
