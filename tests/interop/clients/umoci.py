# SPDX-License-Identifier: Apache-2.0
"""umoci: changes and unpacks images in layouts; skopeo carries them, since umoci talks to no registry."""

import shutil
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.layout import Layout
from tests.interop.target import Bench


@dataclass(frozen=True, slots=True)
class Umoci:
    """The umoci program and a layout of its own."""

    bench: Bench
    carrier: Skopeo

    @property
    def layout(self) -> Path:
        """Where umoci works."""
        return self.bench.scratch / "layout"

    def login(self, password: str) -> None:
        """Log skopeo in."""
        self.carrier.login(password)

    def push(self, image: str, name: str) -> str:
        """Add a layer to a prepared image with umoci, and push what comes of it."""
        self.carrier.transfer(f"oci:{self.bench.images.path}:{image}", f"oci:{self.layout}:changed")
        addition = self.bench.scratch / "addition"
        addition.write_text("added by umoci")
        run(["umoci", "insert", f"--image={self.layout}:changed", str(addition), "/addition"])
        self.carrier.transfer(f"oci:{self.layout}:changed", f"docker://{name}", "--preserve-digests")
        return Layout(self.layout).intact_config("changed")

    def forget(self) -> None:
        """Remove the layout."""
        shutil.rmtree(self.layout, ignore_errors=True)

    def pull(self, name: str) -> str:
        """Pull an image, and let umoci unpack it to a root file system."""
        bundle = self.bench.scratch / "bundle"
        self.carrier.transfer(f"docker://{name}", f"oci:{self.layout}:pulled", "--preserve-digests")
        run(["umoci", "unpack", f"--image={self.layout}:pulled", str(bundle)])
        expect((bundle / "rootfs" / "etc" / "os-release").exists(), "umoci unpacked no root file system")
        shutil.rmtree(bundle)
        return Layout(self.layout).intact_config("pulled")


def start(bench: Bench) -> AbstractContextManager[Umoci]:
    """Make umoci ready."""
    return nullcontext(Umoci(bench, Skopeo(bench)))
