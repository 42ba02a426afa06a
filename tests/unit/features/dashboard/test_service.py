# SPDX-License-Identifier: Apache-2.0
"""The first page on a core of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.entry.everything import Everything
from entrepot.entry.wiring import _platform
from entrepot.features.dashboard.service import Dashboard
from entrepot.features.garbage import GarbageSettings
from entrepot.features.garbage import grace_of
from entrepot.features.usage import Usage
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.telemetry.health import Verdict
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.rights import Rights
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.interop.core_alone import EverybodyIsKnown

ADMINISTRATOR = Principal(PrincipalKind.USER, "root")

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """Hold an empty core whose blobs are in a folder."""
    with a_core(tmp_path / "data", FilesystemStorage.open(tmp_path / "blobs of ours")) as running:
        yield running


@pytest.fixture
def dashboard(running: RunningCore) -> Dashboard:
    """Its first page, for administrators only."""
    rights = Rights(EverybodyIsKnown(), Everything())
    platform = _platform(running.core, rights, Doorbell(), grace_of(GarbageSettings()))
    return Dashboard(platform, Usage(running.database, running.clock))


async def test_the_disk_of_a_folder_is_told(running: RunningCore, dashboard: Dashboard) -> None:
    """How large it is and how much room is left, beside what the store holds."""
    await running.put_image(an_image_manifest(), "1.0")

    overview = await dashboard.overview(ADMINISTRATOR)

    assert overview.room is not None
    assert overview.totals is not None
    assert 0 < overview.room.free_bytes <= overview.room.total_bytes
    assert overview.totals.stored_bytes == len(A_CONFIG) + len(A_LAYER)


async def test_where_nothing_is_checked_nothing_is_wrong(dashboard: Dashboard) -> None:
    """The verdict is that of the checks that there are."""
    overview = await dashboard.overview(ADMINISTRATOR)

    assert (overview.verdict, overview.findings, overview.is_empty) == (Verdict.READY, [], True)


async def test_nobody_sees_anything(dashboard: Dashboard) -> None:
    """Not even that there is nothing."""
    with pytest.raises(Unauthenticated):
        await dashboard.overview(ANONYMOUS)
