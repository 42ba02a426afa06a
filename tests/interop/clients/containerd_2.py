# SPDX-License-Identifier: Apache-2.0
"""containerd 2: the daemon fetches and unpacks by itself (its transfer service); `ctr` only asks it to."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.interop.clients.containerd import Containerd
from tests.interop.clients.containerd import daemon
from tests.interop.target import Bench

CONFIGURATION = """\
version = 3
root = "{home}/root"
state = "{home}/state"
disabled_plugins = [
    "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri",
    "io.containerd.snapshotter.v1.overlayfs",
]
[grpc]
address = "{home}/socket"
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "linux/amd64"
snapshotter = "native"
"""


@contextmanager
def start(bench: Bench) -> Iterator[Containerd]:
    """Run the built containerd until the block ends."""
    with daemon(bench.programs["containerd-2"], bench.scratch, CONFIGURATION):
        yield Containerd(bench, bench.programs["ctr-2"], pull_flags=())
