# SPDX-License-Identifier: Apache-2.0
"""What the metrics tell of imports."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from tests.builders.application import Application
from tests.builders.asgi import ask as ask_server
from tests.builders.importing import Origin
from tests.builders.importing import an_importing_application
from tests.builders.importing import an_origin
from tests.builders.importing import ask
from tests.builders.importing import run
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that may ask servers on the loopback address."""
    with an_importing_application(tmp_path) as application:
        yield application


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Serve a source with one image."""
    with an_origin() as origin:
        origin.has("library/app", IMAGE, "1.0")
        yield origin


async def scrape(application: Application) -> dict[str, float]:
    """Return every sample about imports, those with labels by their last one."""

    async def on_loopback(scope: Scope, receive: Receive, send: Send) -> None:
        await application.server({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)

    families = text_string_to_metric_families((await ask_server(on_loopback, "GET", "/metrics")).body.decode())
    return {
        next(iter(sample.labels.values()), "bytes"): sample.value
        for family in families
        if family.name.startswith("entrepot_import")
        for sample in family.samples
    }


async def test_imports_show_in_the_metrics(application: Application, origin: Origin) -> None:
    """By how they stand, those of which there are none too; and what was fetched counts once."""
    owner = await application.user("owner", ("team/**", "admin"))
    before = await scrape(application)
    await run(application, owner, origin)
    await run(application, owner, origin)
    await ask(owner, origin)
    after = await scrape(application)

    assert before == {"running": 0, "paused": 0, "done": 0, "failed": 0, "cancelled": 0, "bytes": 0}
    fetched = len(A_CONFIG) + len(A_LAYER) + len(IMAGE.payload)
    assert after == {**before, "running": 1, "done": 2, "bytes": fetched}
