# SPDX-License-Identifier: Apache-2.0
"""What every client is given: where the registry is, who to be, what to push, where to keep its files."""

from dataclasses import dataclass
from pathlib import Path

from tests.interop.layout import Layout


@dataclass(frozen=True, slots=True)
class Target:
    """A plain-HTTP registry at `authority` (`host:port`) and a user who may create projects there."""

    authority: str
    user: str
    password: str

    def name(self, repository: str, reference: str = "") -> str:
        """Return an image name as clients take it; `reference` starts with `:` or `@`."""
        return f"{self.authority}/{repository}{reference}"


@dataclass(frozen=True, slots=True)
class Bench:
    """A target, the images to push to it, and a directory of the client's own."""

    target: Target
    images: Layout
    scratch: Path

    def digest(self, name: str) -> str:
        """Return the digest of one of the prepared images' manifests."""
        digest: str = self.images.descriptor(name)["digest"]
        return digest
