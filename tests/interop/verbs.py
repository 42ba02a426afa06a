# SPDX-License-Identifier: Apache-2.0
"""What clients can do: a client offers an operation of the matrix by having the methods that it takes.

Names of images are what clients take: `host:port/repository`, with `:tag` or `@digest`.
"""

from enum import StrEnum
from pathlib import Path
from typing import Protocol
from typing import runtime_checkable


class Operation(StrEnum):
    """The columns of the matrix."""

    LOGIN = "login"
    PUSH = "push"
    PULL = "pull"
    MULTI_ARCH_COPY = "multi-arch copy"
    LIST = "list"
    DELETE = "delete"
    MOUNT = "mount"
    ATTACH = "attach"
    DISCOVER = "discover"
    SIGN_AND_VERIFY = "sign and verify"
    CHART = "chart push and pull"
    RESUME = "resume"
    SECOND_PULL = "second pull"
    REFUSAL = "refusal told"


@runtime_checkable
class LogsIn(Protocol):
    """Keeps credentials for later commands."""

    def login(self, password: str) -> None:
        """Log in as the bench's user."""
        ...


@runtime_checkable
class Pushes(Protocol):
    """Sends an image."""

    def push(self, image: str, name: str) -> str:
        """Push one of the prepared images as `name`, and return the digest of the configuration that was sent."""
        ...


@runtime_checkable
class Pulls(Protocol):
    """Fetches an image into a place of its own."""

    def forget(self) -> None:
        """Empty that place."""
        ...

    def pull(self, name: str) -> str:
        """Pull `name`, and return the digest of the configuration that came."""
        ...


@runtime_checkable
class Keeps(Pulls, Protocol):
    """Fetches nothing that it has."""

    def pull_again(self, name: str) -> str:
        """Pull what was pulled before; return the digest of the configuration that is there."""
        ...


@runtime_checkable
class Resumes(Pulls, Protocol):
    """Goes on where a broken transfer stopped."""

    def resume(self, name: str) -> str:
        """Pull `name` over a wire that will be cut once; return the digest of the configuration that came."""
        ...


@runtime_checkable
class Copies(Protocol):
    """Brings an index and its images from one repository to another."""

    def copy(self, source: str, destination: str) -> None:
        """Copy `source` with all of its platforms."""
        ...


@runtime_checkable
class Republishes(Protocol):
    """Brings an image into another repository of the same registry without sending its layers."""

    def republish(self, source: str, destination: str) -> None:
        """Make `source` available as `destination`."""
        ...


@runtime_checkable
class Lists(Protocol):
    """Lists tags."""

    def tags(self, repository: str) -> list[str]:
        """Return the tags of `host:port/repository` in the order that the client shows."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """Deletes on the registry."""

    def delete(self, name: str) -> None:
        """Delete an image."""
        ...


@runtime_checkable
class Attaches(Protocol):
    """Pushes an artifact about an image."""

    def attach(self, name: str, file: Path) -> None:
        """Attach `file` to an image, which becomes its subject."""
        ...


@runtime_checkable
class Discovers(Protocol):
    """Finds artifacts about an image."""

    def discover(self, name: str) -> str:
        """Return what the client prints of the artifacts about an image: their digests among it."""
        ...


@runtime_checkable
class Signs(Protocol):
    """Signs and verifies."""

    def sign(self, name: str) -> None:
        """Sign an image, named by digest."""
        ...

    def verify(self, name: str) -> None:
        """Return when the image is signed; raise `StepError` when it is not."""
        ...


@runtime_checkable
class HandlesCharts(Protocol):
    """Knows charts."""

    def push_chart(self, chart: Path, folder: str) -> None:
        """Push a packaged chart below `host:port/folder`."""
        ...

    def pull_chart(self, name: str, version: str, into: Path) -> Path:
        """Pull a chart into a directory and return where it is."""
        ...
