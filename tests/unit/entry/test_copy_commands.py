# SPDX-License-Identifier: Apache-2.0
"""`entrepot push`, `entrepot pull` and `entrepot copy`, and what remains of them when they are killed."""

import asyncio
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from entrepot.entry.cli import application
from entrepot.entry.copy_progress import Remaining
from entrepot.entry.copy_progress import shown
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.flow import Tally
from entrepot.infra.distribution.layout import blob_name
from entrepot.infra.distribution.layout_writing import PARTIAL
from entrepot.infra.distribution.pace import InvalidRate
from entrepot.infra.remote.logins import URL_VARIABLE
from entrepot.infra.remote.output import Output
from entrepot.oci.digest import digest_of
from tests.builders.copying import a_docker_archive
from tests.builders.copying import a_layout
from tests.builders.copying import an_image
from tests.builders.copying import some_bytes
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell
from tests.builders.shell import a_shell
from tests.fakes.cutting_proxy import CuttingProxy
from tests.server import ROOT

LARGE = some_bytes(12 * 1024 * 1024)
DIGEST = digest_of(LARGE)
IMAGE = an_image(LARGE)
PATIENCE_SECONDS = 60.0


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell with folders of its own, and no login of docker."""
    with a_shell(tmp_path / "server") as shell:
        own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)}
        shell.environment.update(own)
        yield shell


def host(shell: Shell) -> str:
    """Return the name of the registry."""
    return urlsplit(shell.url).netloc


def layout(folder: Path) -> str:
    """Write a layout with an image, and return its path."""
    return str(a_layout(folder / "source", IMAGE, LARGE, b"{}"))


def test_an_image_goes_up_and_comes_down(shell: Shell, tmp_path: Path) -> None:
    """And its digest is the same."""
    pushed = shell.done(application, "push", layout(tmp_path), "team/app:1.0", "--output", "json")
    pulled = shell.done(
        application, "pull", f"{host(shell)}/team/app:1.0", f"{tmp_path}/to", "--output", "json", "--parallel", "1"
    )

    assert json.loads(pushed)["digests"] == json.loads(pulled)["digests"] == [IMAGE.digest]
    assert json.loads(pulled)["blobs"]["copied"] == 2
    assert (tmp_path / "to" / blob_name(DIGEST)).read_bytes() == LARGE


def test_a_dry_run_tells_sizes_and_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    """What is there already does not count."""
    arguments = ("copy", f"oci:{layout(tmp_path)}", f"{host(shell)}/team/app:2.0", "--dry-run", "--output", "json")
    told = json.loads(shell.done(application, *arguments))

    assert told["is_dry_run"]
    assert told["bytes"]["missing_before"] == len(LARGE) + 2 + len(IMAGE.payload)
    assert asyncio.run(shell.outside.get("/v2/team/app/manifests/2.0")).status == 404


def test_a_repository_is_copied_with_all_its_tags(shell: Shell, tmp_path: Path) -> None:
    """Within a registry by mounting, and what people read says so."""
    shell.push("team/app", an_image_manifest(), "1.0", "latest")
    told = shell.done(application, "copy", f"{host(shell)}/team/app", f"{host(shell)}/prod/app", "--all")
    tags = asyncio.run(shell.outside.get("/v2/prod/app/tags/list")).json["tags"]

    assert tags == ["1.0", "latest"]
    assert "mounted" in told


def test_what_docker_saved_is_pushed_under_its_tag(shell: Shell, tmp_path: Path) -> None:
    """Prefixes are not needed where a file says what it is."""
    saved = a_docker_archive(tmp_path / "saved.tar", b"a layer")
    shell.done(application, "push", str(saved), f"{host(shell)}/team/app")

    assert asyncio.run(shell.outside.get("/v2/team/app/manifests/1.0")).status == 200


def test_it_is_pulled_for_docker_with_its_name(shell: Shell, tmp_path: Path) -> None:
    """So that docker load makes an image of that name."""
    saved = a_docker_archive(tmp_path / "saved.tar", b"a layer")
    shell.done(application, "push", str(saved), f"{host(shell)}/team/app:1.0")
    shell.done(application, "pull", f"{host(shell)}/team/app:1.0", f"docker-archive:{tmp_path}/a.tar")
    told = shell.done(application, "push", f"{tmp_path}/a.tar", f"{host(shell)}/team/again", "--limit-rate", "50M")

    assert asyncio.run(shell.outside.get("/v2/team/again/manifests/1.0")).status == 200
    assert "tags" in told


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("copy", "oci:x", "oci:y", "--limit-rate", "fast"), InvalidRate),
        (("push", "oci:x", "oci:y"), PlaceInvalid),
        (("pull", "oci:x"), PlaceInvalid),
        (("copy", "oci:x:1.0", "oci:y", "--all"), Exception),
        (("copy", "team/app", "team/other:1.0", "--all"), PlaceInvalid),
        (("pull", "team/nothing:1.0", "oci:y"), ContentMissing),
    ],
)
def test_what_cannot_be_is_refused(
    shell: Shell, arguments: tuple[str, ...], error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an error that says what to change."""
    monkeypatch.chdir(tmp_path)
    result = shell(application, *arguments)

    assert isinstance(result.exception, error)


def size_of(path: Path) -> int:
    """Return the size of a file that may not be there."""
    return path.stat().st_size if path.exists() else 0


def grown(sizes: list[int], path: Path) -> int:
    """Note the size of a file, and return it."""
    sizes.append(size_of(path))
    return sizes[-1]


class Killed:
    """A command in a process of its own, which is killed at some moment, and run again."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self._command = [sys.executable, "-c", "from entrepot.entry.program import main; main()", *arguments]
        self._environment = {**os.environ, **shell.environment, "PYTHONPATH": str(ROOT / "src")}

    def until(self, is_time: Callable[[], bool], number: signal.Signals = signal.SIGKILL) -> tuple[int, str]:
        """Run it until then, end it, and return its status and what it said."""
        process = subprocess.Popen(
            [*self._command, "--limit-rate", "4MiB"], env=self._environment, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_time() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, told

    def to_its_end(self) -> None:
        """Run it as fast as can be."""
        subprocess.run(self._command, env=self._environment, check=True, capture_output=True)


def test_a_pull_that_is_killed_goes_on(shell: Shell, tmp_path: Path) -> None:
    """Again and again, and what it has of a blob grows."""
    shell.done(application, "push", layout(tmp_path), "team/app:1.0")
    rest = tmp_path / "to" / f"{blob_name(DIGEST)}{PARTIAL}"
    command = Killed(shell, "pull", "team/app:1.0", f"{tmp_path}/to")
    command.until(lambda: size_of(rest) > 3_000_000)
    sizes = [size_of(rest)]
    command.until(lambda: grown(sizes, rest) > 6_000_000)
    command.to_its_end()

    assert (tmp_path / "to" / blob_name(DIGEST)).read_bytes() == LARGE
    assert sizes[0] > 3_000_000
    assert sizes == sorted(sizes)


def test_a_push_that_is_killed_goes_on(shell: Shell, tmp_path: Path) -> None:
    """With the upload that it had begun."""
    source = layout(tmp_path)
    with CuttingProxy(shell.url, random.Random(1), 1, 1, cuts=0).running() as proxy:
        shell.environment[URL_VARIABLE] = proxy.url
        command = Killed(shell, "push", source, "team/app:1.0")
        for wanted in (3_000_000, 6_000_000):
            command.until(partial(lambda least: proxy.bytes_passed > least, wanted))
        command.to_its_end()

    assert asyncio.run(shell.outside.get(f"/v2/team/app/blobs/{DIGEST}")).body == LARGE
    assert proxy.bytes_passed < 1.5 * len(LARGE)


def test_interrupted_it_says_how_to_go_on(shell: Shell, tmp_path: Path) -> None:
    """With the status that shells know."""
    source = layout(tmp_path)
    with CuttingProxy(shell.url, random.Random(1), 1, 1, cuts=0).running() as proxy:
        shell.environment[URL_VARIABLE] = proxy.url
        command = Killed(shell, "push", source, "team/app:1.0")
        status, told = command.until(lambda: proxy.bytes_passed > 3_000_000, signal.SIGINT)

    assert status == 130
    assert told.endswith("Stopped. Run the same command again: it goes on where this one stopped.\n")


def test_it_is_told_how_far_it_is_and_how_long_it_takes() -> None:
    """From how fast it went since it began."""
    tally, now = Tally(), [0.0]
    remaining = Remaining(tally, lambda: now[0])
    assert remaining.line() == "Looking what there is to copy"
    tally.bytes_total, tally.blobs_total = 100_000_000, 3
    tally.reached(DIGEST, 10_000_000)
    assert remaining.line() == "10 % · 10 MB of 100 MB · 0 of 3 blobs"
    now[0] = 10.0
    tally.reached(DIGEST, 30_000_000)

    assert remaining.line() == "30 % · 30 MB of 100 MB · 0 of 3 blobs · 2 MB/s · 36s left"


@pytest.mark.anyio
@pytest.mark.parametrize(("is_terminal", "output"), [(True, Output.TABLE), (False, Output.TABLE), (True, Output.JSON)])
async def test_programs_are_told_nothing_meanwhile(*, is_terminal: bool, output: Output) -> None:
    """People see a bar, where there is a terminal."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    screen = Screen()
    async with shown(Tally(bytes_total=1_000), output, screen):
        await asyncio.sleep(0.3)

    assert ("blobs" in screen.getvalue()) is (is_terminal and output is Output.TABLE)
