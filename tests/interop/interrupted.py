# SPDX-License-Identifier: Apache-2.0
"""Uploads over a wire that is cut in the middle: what the registry has taken need not be sent again."""

import http.client
import re
from dataclasses import dataclass
from pathlib import Path

from tests.interop.clients.regctl import Regctl
from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.registry import ask
from tests.interop.registry import config_of
from tests.interop.report import Report
from tests.interop.scenarios import RETRANSMITTED
from tests.interop.target import Bench
from tests.interop.wire import Wire
from tests.interop.wire import wired

REPOSITORY = "interop/interrupted"
CHUNK_BYTES = 20 << 20
RANGE = re.compile(r"^range: 0-(\d+)\r?$", re.MULTILINE | re.IGNORECASE)
LOCATION = re.compile(r"^location: (\S+)\r?$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Curl:
    """The curl program, sending Basic credentials."""

    bench: Bench

    def __call__(self, path: str, *arguments: str) -> str:
        """Send one request, and return the head of the answer; raise `StepError` for a status of 400 or more."""
        target = self.bench.target
        quiet = ["--silent", "--show-error", "--fail", "--dump-header", "-", "--output", "/dev/null"]
        user = f"{target.user}:{target.password}"
        return run(["curl", *quiet, "--user", user, *arguments, f"http://{target.authority}{path}"])


def exercise(bench: Bench, report: Report) -> None:
    """Cut uploads of the large layer; `bench` has regctl and reaches the registry directly."""
    with wired(bench.target.authority) as wire:
        own = bench.through(wire.authority, "interrupted")
        with report.step("curl", "an upload by PATCH goes on where the wire was cut"):
            _patch(Curl(own), wire)
        with report.step("regctl", "a chunked push goes on where the wire was cut"):
            _push(Regctl(own), wire)


def _patch(curl: Curl, wire: Wire) -> None:
    """Send a layer with one PATCH that breaks, ask how far it came, and send the rest."""
    layer = _layer(curl.bench)
    (location,) = LOCATION.findall(curl(f"/v2/{REPOSITORY}/blobs/uploads/", "--request", "POST", "--data", ""))
    wire.cut_after(layer.stat().st_size // 3)
    failure_of(lambda: curl(location, "--request", "PATCH", "--upload-file", str(layer)))
    (last,) = RANGE.findall(curl(location))
    kept = int(last) + 1
    rest = curl.bench.scratch / "rest"
    with layer.open("rb") as source, rest.open("wb") as copy:
        source.seek(kept)
        while piece := source.read(CHUNK_BYTES):
            copy.write(piece)
    content_range = f"Content-Range: {kept}-{layer.stat().st_size - 1}"
    curl(location, "--request", "PATCH", "--header", content_range, "--upload-file", str(rest))
    curl(f"{location}?digest=sha256:{layer.name}", "--request", "PUT", "--data", "")
    status, _ = ask(curl.bench.target, "HEAD", f"/v2/{REPOSITORY}/blobs/sha256:{layer.name}")
    expect(status == http.client.OK, f"the blob is not there: {status}")
    print(f"{kept} bytes of {layer.stat().st_size} were kept", flush=True)
    _expect_no_second_start(wire, layer)


def _push(regctl: Regctl, wire: Wire) -> None:
    """Let regctl push in chunks, and cut one."""
    layer, name = _layer(regctl.bench), regctl.bench.target.name(f"{REPOSITORY}-regctl", ":large")
    regctl.login(regctl.bench.target.password)
    chunks = [f"--blob-chunk={CHUNK_BYTES}", f"--blob-max={CHUNK_BYTES}"]
    regctl("registry", "set", *chunks, regctl.bench.target.authority)
    wire.cut_after(layer.stat().st_size // 3)
    sent, arrived = regctl.push("large", name), config_of(regctl.bench.target, f"{REPOSITORY}-regctl", "large")
    expect(sent == arrived, f"the client sent {sent}, the registry has {arrived}")
    _expect_no_second_start(wire, layer)


def _layer(bench: Bench) -> Path:
    """Return the file of the large image's only layer."""
    (layer,) = bench.images.document("large")["layers"]
    return bench.images.file(layer["digest"])


def _expect_no_second_start(wire: Wire, layer: Path) -> None:
    expect(wire.was_cut, "the wire was not cut")
    size = layer.stat().st_size
    if wire.carried > RETRANSMITTED * size:
        raise StepError(f"{wire.carried} bytes went over the wire for a layer of {size}")
