# SPDX-License-Identifier: Apache-2.0
"""Registries to talk to: the core in this process and in a server, or whatever `PROTOCOL_URL` names."""

import os
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from anyio.from_thread import start_blocking_portal

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.identifiers import new_ulid
from tests.builders.buckets import REAL
from tests.builders.buckets import real_bucket
from tests.interop.core_alone import running_core
from tests.protocol.exchange import Transport
from tests.protocol.in_process import InProcess
from tests.protocol.in_process import Wiring
from tests.protocol.in_process import open_core
from tests.protocol.over_http import OverHttp
from tests.protocol.repository import Repository

URL = os.environ.get("PROTOCOL_URL", "")
STORAGES: dict[str, Callable[[Path], Storage]] = {
    "memory": lambda folder: MemoryStorage(folder.name),
    "filesystem": lambda folder: FilesystemStorage.open(folder / "blobs"),
}
if REAL:
    STORAGES = {"s3": lambda folder: real_bucket(REAL, folder)}

WIRE = "wire"
Opener = Callable[[Wiring], InProcess]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own, in which the cores of this process run."""
    with start_blocking_portal("asyncio") as portal:
        yield portal


@pytest.fixture(scope="session")
def wire() -> Iterator[OverHttp]:
    """A real server on a real socket, started once."""
    with ExitStack() as stack:
        http = OverHttp(URL or f"http://{stack.enter_context(running_core()).authority}")
        stack.callback(http.close)
        yield http


@pytest.fixture(scope="session", params=[WIRE] if URL else [*STORAGES, WIRE])
def transport(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transport]:
    """The way to the registry that tests share; no two use the same repository."""
    if request.param == WIRE:
        yield request.getfixturevalue("wire")
    else:
        portal, folder = request.getfixturevalue("portal"), tmp_path_factory.mktemp(request.param)
        with open_core(portal, folder, Wiring(storage=STORAGES[request.param](folder))) as in_process:
            yield in_process


@pytest.fixture
def repo(transport: Transport) -> Repository:
    """A repository that does not exist yet."""
    return Repository(transport, a_name())


@pytest.fixture
def other(transport: Transport) -> Repository:
    """Another repository of the same registry."""
    return Repository(transport, a_name())


@pytest.fixture
def core(portal: BlockingPortal, tmp_path: Path) -> Iterator[Opener]:
    """Open a core of the test's own, wired as it says."""
    with ExitStack() as stack:

        def opened(wiring: Wiring) -> InProcess:
            return stack.enter_context(open_core(portal, tmp_path, wiring))

        yield opened


@pytest.fixture
def wired(wire: OverHttp) -> Repository:
    """A repository of the real server that does not exist yet."""
    return Repository(wire, a_name())


def a_name() -> str:
    """Make a repository name that nobody used."""
    return f"protocol/{new_ulid().lower()}"
