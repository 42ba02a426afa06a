# SPDX-License-Identifier: Apache-2.0
"""A registry beside a tree, for all tests of adoption."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.features.adoption.adopting import Adopting
from tests.unit.features.adoption.adopting import an_adopting_core


@pytest.fixture
def adopting(tmp_path: Path) -> Iterator[Adopting]:
    """A registry whose storage is the folder that another one has filled, with nothing yet."""
    with an_adopting_core(tmp_path) as found:
        yield found
