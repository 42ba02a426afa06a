# SPDX-License-Identifier: Apache-2.0
"""A registry in memory, with the habits that a test gives it."""

from collections.abc import Iterator

import pytest

from tests.builders.copying import Traveller
from tests.builders.shell import served
from tests.fakes.wayward_registry import WaywardRegistry


class Served:
    """A registry, and its address."""

    def __init__(self, registry: WaywardRegistry, url: str) -> None:
        self.registry = registry
        self.url = url
        self.habits = registry.habits


@pytest.fixture
def one() -> Iterator[Served]:
    """A registry."""
    registry = WaywardRegistry()
    with served(registry) as url:
        yield Served(registry, url)


@pytest.fixture
def other() -> Iterator[Served]:
    """Another."""
    registry = WaywardRegistry()
    with served(registry) as url:
        yield Served(registry, url)


@pytest.fixture
def traveller() -> Traveller:
    """Somebody who copies, and has no login."""
    return Traveller()
