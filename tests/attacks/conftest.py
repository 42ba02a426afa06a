# SPDX-License-Identifier: Apache-2.0
"""One application for each class of attacks: what is attacked is made once, and attacks leave nothing behind."""

from collections.abc import Iterator

import pytest

from tests.builders.application import Application
from tests.builders.application import an_application

PREFIX = "/registry-ui"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path_factory.mktemp("attacked")) as application:
        yield application


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Hold another one, which takes whoever connects for its proxy and is found under a path."""
    folder = tmp_path_factory.mktemp("proxied")
    with an_application(folder, trusted_proxies=["192.0.2.0/24", "2001:db8::/32"], path_prefix=PREFIX) as application:
        yield application
