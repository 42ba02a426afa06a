# SPDX-License-Identifier: Apache-2.0
"""Nodes for all tests; each leaves every node running and ready.

`ENTREPOT_TEST_STORING` says where they keep their bytes: in a `bucket` (the default), or a `folder`.
"""

import os
from collections.abc import Iterator

import pytest

from tests.scale.nodes import Cluster
from tests.scale.nodes import cluster
from tests.scale.storages import STORING
from tests.scale.traffic import NAME


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes."""
    storing = STORING[os.environ.get("ENTREPOT_TEST_STORING", "bucket")]
    with cluster(tmp_path_factory.mktemp("nodes"), storing=storing) as running:
        yield running


@pytest.fixture
def client(nodes: Cluster) -> dict[str, str]:
    """The header of a client that pulls and pushes what `traffic` does."""
    return nodes.bearer(f"repository:{NAME}:pull,push")
