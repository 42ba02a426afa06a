# SPDX-License-Identifier: Apache-2.0
"""A layer of 2 GiB, there and back, while the server's memory is watched."""

import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.clients.skopeo import AS_IT_IS
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import expect
from tests.interop.images import LAYER_TAR
from tests.interop.images import MEBIBYTE
from tests.interop.images import add_image
from tests.interop.layout import Layout
from tests.interop.report import Report
from tests.interop.target import Bench

REPOSITORY = "interop/huge"
SIZE_MEBIBYTES = 2_048
MOST_MEBIBYTES = 64
"""How much the memory of the server's processes may grow, in all."""

LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Memory:
    """The memory of a process and its children, in MiB: each page of shared memory is counted once in all (PSS)."""

    process: int
    before: float = 0.0
    most: float = 0.0

    def look(self) -> float:
        """Read the sum from /proc, and remember it when it is the most so far."""
        now = sum(map(_pss_mebibytes, _family(self.process)))
        self.most = max(self.most, now)
        return now

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look again and again until the block ends."""
        self.before = self.look()
        has_ended = threading.Event()

        def watch() -> None:
            while not has_ended.wait(LOOK_SECONDS):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            has_ended.set()
            thread.join()


def exercise(bench: Bench, report: Report, server: int) -> None:
    """Push and pull a layer of 2 GiB; `server` is the server's process id."""
    skopeo, layout = Skopeo(bench), Layout(bench.scratch / "huge")
    layout.create()
    layer = layout.add(LAYER_TAR, _zeros())
    layout.name(add_image(layout, "amd64", [(layer, layer["digest"])]), "huge")
    skopeo.login(bench.target.password)
    remote, pulled = f"docker://{bench.target.name(REPOSITORY, ':huge')}", Layout(bench.scratch / "huge-pulled")
    transfers = {"push": (f"oci:{layout.path}:huge", remote), "pull": (remote, f"oci:{pulled.path}:huge")}
    for name, (source, destination) in transfers.items():
        with report.step("skopeo", f"{name} a layer of {SIZE_MEBIBYTES} MiB, server memory bounded"):
            memory = Memory(server)
            with memory.watched():
                skopeo.transfer(source, destination, *AS_IT_IS)
            print(f"server memory (PSS): {memory.before:.0f} MiB before, {memory.most:.0f} MiB at most", flush=True)
            expect(memory.most - memory.before < MOST_MEBIBYTES, f"the server's memory grew to {memory.most:.0f} MiB")
    with report.step("skopeo", f"a layer of {SIZE_MEBIBYTES} MiB comes back intact"):
        expect(pulled.intact_config("huge") == layout.config("huge"), "another image")


def _zeros() -> Iterator[bytes]:
    """Archive one file of zeros."""
    header = tarfile.TarInfo("data/zeros")
    header.size = SIZE_MEBIBYTES * MEBIBYTE
    yield header.tobuf()
    for _ in range(SIZE_MEBIBYTES):
        yield bytes(MEBIBYTE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _family(process: int) -> list[int]:
    """Return a process and all that descend from it."""
    children = Path(f"/proc/{process}/task/{process}/children")
    try:
        found = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return [process, *(member for child in found for member in _family(child))]


def _pss_mebibytes(process: int) -> float:
    """Return the proportional set size of one process, 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
