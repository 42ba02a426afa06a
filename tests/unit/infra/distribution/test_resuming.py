# SPDX-License-Identifier: Apache-2.0
"""Connections that break at any byte, on either side, against Entrepot itself."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.errors import Interrupted
from entrepot.infra.distribution.layout import LayoutSource
from entrepot.infra.distribution.layout import blob_name
from entrepot.infra.distribution.layout_writing import PARTIAL
from entrepot.infra.distribution.notes import UploadNotes
from entrepot.infra.distribution.notes import noted
from entrepot.infra.distribution.notes import notes_of_user
from entrepot.infra.distribution.registry import RegistrySource
from entrepot.infra.distribution.registry import RegistryTarget
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.oci.digest import digest_of
from tests.builders.application import PASSWORD
from tests.builders.copying import TAG
from tests.builders.copying import Traveller
from tests.builders.copying import a_layout
from tests.builders.copying import an_image
from tests.builders.copying import copy_all
from tests.builders.copying import opened_layout
from tests.builders.copying import opened_target
from tests.builders.copying import pull_from
from tests.builders.copying import push_to
from tests.builders.copying import some_bytes
from tests.builders.shell import Shell
from tests.builders.shell import a_shell
from tests.fakes.cutting_proxy import CuttingProxy

pytestmark = pytest.mark.anyio

LARGE = some_bytes(12 * 1024 * 1024)
DIGEST = digest_of(LARGE)
MIDDLING = some_bytes(3 * 1024 * 1024, 2)
IMAGE = an_image(LARGE, MIDDLING)
LEAST, MOST = 100_000, 4_000_000


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A registry of ours."""
    with a_shell(tmp_path / "server") as shell:
        yield shell


def traveller_to(*urls: str, notes: UploadNotes | None = None, attempts: int = 10) -> Traveller:
    """Be the administrator wherever it is copied from and to."""
    logins = {url.removeprefix("http://"): Login("admin", PASSWORD) for url in urls}
    return Traveller(logins, notes or UploadNotes(None), attempts=attempts)


async def layout(folder: Path) -> LayoutSource:
    """Return a layout that holds the image."""
    return await opened_layout(a_layout(folder / "source", IMAGE, LARGE, MIDDLING, b"{}"))


async def pushed(shell: Shell, folder: Path) -> None:
    """Push the image."""
    await push_to(traveller_to(shell.url), await layout(folder), shell.url, TAG)


@pytest.mark.parametrize("seed", range(4))
async def test_a_push_goes_on_where_the_connection_broke(shell: Shell, tmp_path: Path, seed: int) -> None:
    """And sends little twice: what was on its way when it broke."""
    with CuttingProxy(shell.url, random.Random(seed), LEAST, MOST).running() as proxy:
        traveller = traveller_to(proxy.url, notes=UploadNotes(tmp_path / "notes"))
        await push_to(traveller, await layout(tmp_path), proxy.url, TAG)

    found = await shell.outside.get(f"/v2/team/app/blobs/{DIGEST}")
    assert found.body == LARGE
    assert proxy.cuts > 2
    assert proxy.bytes_passed < 3 * len(LARGE)
    assert list((tmp_path / "notes").iterdir()) == []


@pytest.mark.parametrize("seed", range(4))
async def test_a_pull_goes_on_where_the_connection_broke(shell: Shell, tmp_path: Path, seed: int) -> None:
    """No byte is fetched twice that came through."""
    await pushed(shell, tmp_path)
    with CuttingProxy(shell.url, random.Random(seed), LEAST, MOST).running() as proxy:
        await pull_from(traveller_to(proxy.url), proxy.url, await opened_target(tmp_path / "pulled"), TAG)

    assert (tmp_path / "pulled" / blob_name(DIGEST)).read_bytes() == LARGE
    assert not list((tmp_path / "pulled").rglob(f"*{PARTIAL}"))
    assert proxy.cuts > 2


@pytest.mark.parametrize("seed", range(3))
async def test_a_copy_survives_breaks_on_both_sides(shell: Shell, tmp_path: Path, seed: int) -> None:
    """In whichever order."""
    await pushed(shell, tmp_path)
    dice = random.Random(seed)
    with (
        CuttingProxy(shell.url, dice, LEAST, MOST).running() as here,
        CuttingProxy(shell.url, dice, LEAST, MOST).running() as there,
    ):
        traveller = traveller_to(here.url, there.url, notes=UploadNotes(tmp_path / "notes"))
        async with traveller.registries() as registries:
            source = RegistrySource(await traveller.repository(registries, here.url, writes=False))
            target = RegistryTarget(await traveller.repository(registries, there.url, "prod/app"), traveller.notes)
            report = await copy_all(source, target, traveller.flow(), TAG)

    assert report.blobs[Outcome.COPIED] == 3
    assert (await shell.outside.get(f"/v2/prod/app/blobs/{DIGEST}")).body == LARGE
    assert here.cuts > 0 < there.cuts


async def test_another_run_goes_on_with_a_download(shell: Shell, tmp_path: Path) -> None:
    """What came through is in a file of the digest's name: only the large blob is more than a connection lets pass."""
    await pushed(shell, tmp_path)
    with CuttingProxy(shell.url, random.Random(1), 6_000_000, 6_000_000).running() as proxy:
        target = await opened_target(tmp_path / "pulled")
        with pytest.raises((Interrupted, OutgoingFailed)):
            await pull_from(traveller_to(proxy.url, attempts=1), proxy.url, target, TAG)
    partial = tmp_path / "pulled" / f"{blob_name(DIGEST)}{PARTIAL}"
    before = partial.stat().st_size
    with CuttingProxy(shell.url, random.Random(1), LEAST, MOST, cuts=0).running() as proxy:
        await pull_from(traveller_to(proxy.url), proxy.url, await opened_target(tmp_path / "pulled"), TAG)

    assert before > 500_000
    assert proxy.bytes_passed < len(LARGE) + len(MIDDLING) - before + 100_000
    assert (tmp_path / "pulled" / blob_name(DIGEST)).read_bytes() == LARGE


async def test_what_is_left_of_other_content_is_thrown_away(shell: Shell, tmp_path: Path) -> None:
    """A damaged file costs time, and no pull."""
    await pushed(shell, tmp_path)
    target = await opened_target(tmp_path / "pulled")
    (tmp_path / "pulled" / f"{blob_name(DIGEST)}{PARTIAL}").write_bytes(b"x" * 5_000_000)

    await pull_from(traveller_to(shell.url), shell.url, target, TAG)

    assert (tmp_path / "pulled" / blob_name(DIGEST)).read_bytes() == LARGE


async def test_another_run_goes_on_with_an_upload(shell: Shell, tmp_path: Path) -> None:
    """A note says which it was."""
    source, notes = await layout(tmp_path), UploadNotes(tmp_path / "notes")
    with CuttingProxy(shell.url, random.Random(1), 9_000_000, 9_000_000, cuts=1).running() as proxy:
        with pytest.raises((Interrupted, OutgoingFailed)):
            await push_to(traveller_to(proxy.url, notes=notes, attempts=1), source, proxy.url, TAG)
        assert len(list((tmp_path / "notes").iterdir())) > 0
        before = proxy.bytes_passed
        await push_to(traveller_to(proxy.url, notes=notes), source, proxy.url, TAG)

    assert (await shell.outside.get(f"/v2/team/app/blobs/{DIGEST}")).body == LARGE
    assert proxy.bytes_passed - before < len(LARGE)


async def test_a_note_of_an_upload_that_is_gone_is_forgotten(shell: Shell, tmp_path: Path) -> None:
    """And so is one that cannot be read."""
    notes = UploadNotes(tmp_path / "notes")
    (tmp_path / "notes").mkdir()
    source = await layout(tmp_path)
    with CuttingProxy(shell.url, random.Random(1), 9_000_000, 9_000_000, cuts=1).running() as proxy:
        with pytest.raises((Interrupted, OutgoingFailed)):
            await push_to(traveller_to(proxy.url, notes=notes, attempts=1), source, proxy.url, TAG)
        for each in (tmp_path / "notes").iterdir():
            each.write_bytes(each.read_bytes().replace(b"uploads/0", b"uploads/1"))
        await push_to(traveller_to(proxy.url, notes=notes), source, proxy.url, TAG)

    assert (await shell.outside.get(f"/v2/team/app/blobs/{DIGEST}")).body == LARGE


def test_notes_of_old_uploads_are_removed(tmp_path: Path) -> None:
    """Whenever something is pushed; no registry knows those uploads any more."""
    notes = UploadNotes(tmp_path / "entrepot" / "uploads")
    for key in ("old", "new"):
        notes.keep(key, noted(f"https://registry.example/{key}", 0, b""))
    [old] = [path for path in (tmp_path / "entrepot" / "uploads").iterdir() if b"/old" in path.read_bytes()]
    os.utime(old, (0, 0))

    found = notes_of_user({"XDG_CACHE_HOME": str(tmp_path)})

    assert (found.find("old"), found.find("new")) == (None, notes.find("new"))
    assert found.find("new") is not None
