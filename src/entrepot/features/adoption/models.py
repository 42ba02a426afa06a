# SPDX-License-Identifier: Apache-2.0
"""What adopting is asked for, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import msgspec

from entrepot.kernel.errors import AppError

MAX_LISTED = 1_000
"""How many problems a report lists; it counts them all."""

MAX_SHOWN_CHARACTERS = 300


class Flawed(AppError):
    """Something in the tree cannot be taken over."""

    code = "flawed_tree"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to adopt, and how."""

    includes: Callable[[str], bool] = lambda _: True
    """Tells whether a repository is wanted, by its name in the tree."""
    into: str = ""
    """What names are put below; empty to leave them as they are."""
    is_deep: bool = False
    """Whether to read every byte that is adopted."""
    is_dry: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: manifests and tags looked at, of so many; `total` is 0 where it is not known."""

    done: int
    total: int
    repositories: int


Tell = Callable[[Progress], None]


class Problem(msgspec.Struct, frozen=True):
    """What was not taken over, and why: a manifest, a tag or a file of a repository of the tree."""

    repository: str
    what: str
    why: str


@dataclass(slots=True)
class Report:
    """What was taken over, or would be, and what was not."""

    repositories: int = 0
    """With anything in them that was looked at."""
    manifests: int = 0
    tags: int = 0
    blobs: int = 0
    bytes: int = 0
    """The sizes of the blobs."""
    known_manifests: int = 0
    """Those that are here already, or were deleted here."""
    known_tags: int = 0
    left_tags: int = 0
    """Those that somebody has changed here: they stay as they are."""
    problems: int = 0
    listed: list[Problem] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether everything that is wanted is here."""
        return self.problems == 0

    @property
    def counts(self) -> dict[str, int]:
        """What was taken over, by kind."""
        return {name: getattr(self, name) for name in ("manifests", "tags", "blobs", "bytes")}

    def add(self, repository: str, what: str, why: str) -> None:
        """Note a problem."""
        self.problems += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(Problem(*map(_printable, (repository, what, why))))


def _printable(text: str) -> str:
    return text[:MAX_SHOWN_CHARACTERS].encode("unicode_escape").decode()
