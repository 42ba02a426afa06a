# SPDX-License-Identifier: Apache-2.0
"""The registry core with no feature mounted, open to everyone: what the conformance suite is run against.

The product has no switch that opens it; this module is the application of a server process that
`running_core` starts, wired with an authenticator and an authorizer that never refuse.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrepot.entry.everything import Everything
from entrepot.entry.wiring import build_core
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.registry.http.application import RegistryApplication
from entrepot.registry.rights import Rights
from entrepot.registry.settings import RegistrySettings
from tests.interop.target import Target
from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

DATA_VARIABLE = "CORE_ALONE_DATA"
SPARSE_VARIABLE = "CORE_ALONE_SPARSE"
"""Set to anything: images may lack blobs, as the newest suite demands of a registry that says so."""


class EverybodyIsKnown:
    """Takes every request for one and the same user's."""

    async def authenticate(self, credentials: Credentials) -> Principal:
        """Return that user."""
        return Principal(PrincipalKind.USER, "everybody")

    async def is_live(self, principal: Principal) -> bool:
        """Everybody stays."""
        return True


def application() -> AsgiApplication:
    """Make the application on the directory that `CORE_ALONE_DATA` names."""
    data = Path(os.environ[DATA_VARIABLE])
    database = SqliteDatabase(data / "entrepot.db")
    schema.upgrade(database)
    everything = Everything()
    settings = RegistrySettings.model_validate({"sparse_images": SPARSE_VARIABLE in os.environ})
    core = build_core(database, FilesystemStorage.open(data / "blobs"), everything, settings=settings)
    challenger = Challenger("", {HOST})
    registry = RegistryApplication(core, Rights(EverybodyIsKnown(), everything), challenger)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await registry(scope, receive, send)
            return
        await send({"type": f"{(await receive())['type']}.complete"})
        await send({"type": f"{(await receive())['type']}.complete"})

    return served


@contextmanager
def running_core(*, is_sparse: bool = False) -> Iterator[Target]:
    """Serve the core alone on a free loopback port until the block ends."""
    with tempfile.TemporaryDirectory(prefix="entrepot-core-") as scratch:
        port, log = free_port(), Path(scratch) / "log"
        command = [sys.executable, "-m", "tests.serving", f"{__name__}:application", str(port)]
        sparse = {SPARSE_VARIABLE: "yes"} if is_sparse else {}
        process = launch(command, log, environment={DATA_VARIABLE: scratch, **sparse})
        with stopping(process, log):
            wait_until(lambda: answers(f"http://{HOST}:{port}/v2/"), "/v2/ to answer", process, log)
            yield Target(f"{HOST}:{port}", "", "")
