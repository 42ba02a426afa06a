# SPDX-License-Identifier: Apache-2.0
"""Nodes for all tests; each leaves every node running and ready."""

from collections.abc import Iterator

import pytest

from tests.scale.nodes import Cluster
from tests.scale.nodes import cluster


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes."""
    with cluster(tmp_path_factory.mktemp("nodes")) as running:
        yield running
