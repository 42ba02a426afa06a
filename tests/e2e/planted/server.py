# SPDX-License-Identifier: Apache-2.0
"""The server with the planted feature mounted beside all others; the console to serve is named by a variable."""

import os
from pathlib import Path

from entrepot.entry.configuration import load
from entrepot.entry.server import Server
from entrepot.entry.wiring import FEATURES
from entrepot.entry.wiring import build_instance
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.infra.http.site import Site
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform

CONSOLE_VARIABLE = "PLANTED_CONSOLE"


@takes(ANYBODY)
async def show_planted() -> dict[str, str]:
    """Answer what the planted page shows."""
    return {"word": "planted by the server"}


def _mount(_platform: Platform) -> Parts:
    router = api_router("planted")
    router.add_api_route("/planted", show_planted)
    return Parts(routes=(router,))


planted: Feature[Platform] = Feature(name="planted", mount=_mount)


def with_planted() -> Server:
    """Build the application with the planted feature."""
    return Server(build_instance(load(), features=(*FEATURES, planted)), console=_console())


def without_planted() -> Server:
    """Build the application as it is shipped, for a console that has the feature's pages."""
    return Server(build_instance(load()), console=_console())


def _console() -> Site:
    return Site(Path(os.environ[CONSOLE_VARIABLE]), "")
