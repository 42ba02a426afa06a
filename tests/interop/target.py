# SPDX-License-Identifier: Apache-2.0
"""What every client is given: where the registry is, who to be, what to push, where to keep its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
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
    """A target, the images to push to it, a directory of the client's own, and where the built programs are."""

    target: Target
    images: Layout
    scratch: Path
    programs: Mapping[str, Path] = field(default_factory=dict)

    def through(self, authority: str, name: str) -> "Bench":
        """Return a bench that reaches the registry at another address and has a new folder of its own."""
        home = self.scratch / name
        home.mkdir()
        return replace(self, target=replace(self.target, authority=authority), scratch=home)

    def digest(self, name: str) -> str:
        """Return the digest of one of the prepared images' manifests."""
        digest: str = self.images.descriptor(name)["digest"]
        return digest
