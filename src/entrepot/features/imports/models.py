# SPDX-License-Identifier: Apache-2.0
"""The words of imports."""

from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

import msgspec

from entrepot.features.copies import Asker
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_NAMES = 1_000
MAX_PATTERNS = 50
MAX_PARALLEL = 16
PARALLEL = 4
MAX_OPEN_OF_ONE = 10
"""How many imports of one account may wait or run at once."""
MAX_REPOSITORIES = 100_000
MAX_STRIPPED = 8
MAX_REASON_CHARACTERS = 500


class ImportState(StrEnum):
    """How an import stands. Values never change: they are stored."""

    RUNNING = "running"
    """It waits for its turn, or goes on."""
    PAUSED = "paused"
    DONE = "done"
    """Everything was gone through; what failed is told of each."""
    FAILED = "failed"
    CANCELLED = "cancelled"


class Work(StrEnum):
    """What an import does while it runs."""

    LOOK = "look"
    """It finds out what would come, and changes nothing."""
    BRING = "bring"
    CHECK = "check"
    """It compares what is here with the source, and changes nothing."""


class RepositoryState(StrEnum):
    """How a repository of an import stands."""

    WAITING = "waiting"
    LISTED = "listed"
    """Its tags are known."""
    CHOSEN = "chosen"
    """Which of them are wanted is known, too."""
    DONE = "done"
    FAILED = "failed"


class Kind(StrEnum):
    """What an artifact of an import is."""

    TAG = "tag"
    DERIVED = "derived"
    """A tag such as `sha256-….sig`, which says something of a digest."""
    REFERRER = "referrer"
    """A manifest that says what it refers to; it is named by its digest."""
    EXTRA = "extra"
    """A tag of the target that the source does not have."""


class ItemState(StrEnum):
    """How an artifact of an import stands."""

    WAITING = "waiting"
    LOOKED = "looked"
    """It would come."""
    BROUGHT = "brought"
    SAME = "same"
    """It was here already."""
    KEPT = "kept"
    """The tag points at something else here, and stays."""
    EXCLUDED = "excluded"
    FAILED = "failed"


class DateSource(StrEnum):
    """What says when an artifact was made."""

    UNKNOWN = ""
    CONFIG = "config"
    ANNOTATION = "annotation"


class Verdict(StrEnum):
    """How a name of the source compares with the same name here."""

    EQUAL = "equal"
    DIFFERENT = "different"
    MISSING = "missing"
    """The source has it, and it is not here."""
    EXTRA = "extra"
    """It is here, and the source does not have it."""
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"
    """What the source has could not be read."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a source, and how."""

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    """Of repositories that the source lists."""
    without: tuple[str, ...] = ()
    """Patterns of repositories that do not come."""
    tags: tuple[str, ...] = ()
    """Patterns of tags; none for all of them."""
    without_tags: tuple[str, ...] = ()
    newer_than: int | None = None
    newest: int | None = None
    """So many of each repository, by when they were made."""
    with_referrers: bool = True
    prefix: str = ""
    strip: int = 0
    """So many segments of each name are left out."""
    overwrites: bool = False
    """Whether a tag is moved that points at something else here."""
    rate: int | None = None
    """Bytes in a second."""
    parallel: int = PARALLEL

    @property
    def is_about_dates(self) -> bool:
        """Whether artifacts are chosen by when they were made."""
        return self.newer_than is not None or self.newest is not None


class Login(msgspec.Struct, frozen=True):
    """Who asks the source: a password with a name, a token without. It is sealed wherever it is kept."""

    name: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants imported."""

    url: str
    project: str
    terms: Terms
    login: Login | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Import:
    """That somebody wants something of another registry here, and how far it is."""

    id: Ulid
    url: str
    """The origin of the source."""
    project: str
    terms: Terms
    asker: Asker
    requested_at: Milliseconds
    work: Work
    state: ImportState = ImportState.RUNNING
    rests: ImportState = ImportState.DONE
    """How it stands again once it was compared."""
    turn: int = 0
    """Which of its jobs is the one that counts."""
    catalogue: str = ""
    """Where the next page of the source's catalogue is."""
    is_listed: bool = False
    """Whether all repositories are known."""
    began_at: Milliseconds | None = None
    ended_at: Milliseconds | None = None
    checked_at: Milliseconds | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many artifacts stand how, and how many bytes that is."""

    waiting: int = 0
    looked: int = 0
    brought: int = 0
    same: int = 0
    kept: int = 0
    excluded: int = 0
    failed: int = 0
    bytes_in_all: int = 0
    """Of looked, brought and same artifacts; what several share counts for each."""
    new_bytes: int = 0
    """What was fetched of that."""


@dataclass(frozen=True, slots=True)
class Source:
    """A repository of an import."""

    import_id: Ulid
    name: str
    target: str
    state: RepositoryState = RepositoryState.WAITING
    tags_place: str = ""
    """Where the next page of its tags is."""
    reason: str = ""
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Item:
    """An artifact of an import: a name of the source, and what became of it."""

    import_id: Ulid
    repository: str
    name: str
    kind: Kind
    state: ItemState = ItemState.WAITING
    digest: str = ""
    """What the name is at the source; empty while that is not known."""
    size: int = 0
    new_bytes: int = 0
    created_at: Milliseconds | None = None
    date_source: DateSource = DateSource.UNKNOWN
    is_dated: bool = False
    reason: str = ""
    attempts: int = 0
    is_gone: bool = False
    """Whether the source did not have it when it was compared last."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What an import is about, in all."""

    repositories: int
    finished: int
    failed: int
    """Repositories that could not be read."""
    counts: Counts
    blobs: int = 0
    """Of a dry run: how many manifests and blobs there are, each counted once, and their bytes."""
    blob_bytes: int = 0
    missing_bytes: int = 0
    """How many of them are not here."""
