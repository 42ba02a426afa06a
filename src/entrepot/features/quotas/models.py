# SPDX-License-Identifier: Apache-2.0
"""The words of quotas: who is limited, in what, and how much of it is used."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from entrepot.features.quotas.errors import QuotaInvalid
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds

Subject = NewType("Subject", str)
"""Who has a quota: `project:team`, `user:jane` or `robot:team+ci`. `EVERY_PROJECT` is each project without its own."""

EVERY_PROJECT = Subject("")
THE_BEGINNING = Milliseconds(0)

DEFAULT_THRESHOLDS = (80, 95)
MAX_THRESHOLDS = 10
MAX_LIMIT = 2**60
MAX_CONTACT_CHARACTERS = 120

MIB = 1024 * 1024
LEAST_ALLOTMENT_BYTES = 64 * MIB
ALLOTMENT_PERCENT = 1


class Resource(StrEnum):
    """What is limited."""

    BYTES = "bytes"
    ARTIFACTS = "artifacts"
    REPOSITORIES = "repositories"
    TAGS = "tags"


class Kind(StrEnum):
    """What one counted thing is. A blob counts once for each subject, whatever holds it."""

    BLOB = "blob"
    ARTIFACT = "artifact"
    REPOSITORY = "repository"
    TAG = "tag"


class SubjectKind(StrEnum):
    """What sort of subject has a quota."""

    PROJECT = "project"
    USER = "user"
    ROBOT = "robot"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of each resource."""

    bytes: int = 0
    artifacts: int = 0
    repositories: int = 0
    tags: int = 0

    def of(self, resource: Resource) -> int:
        """Return how much of one resource."""
        amount: int = getattr(self, resource.value)
        return amount

    def __add__(self, other: "Amounts") -> "Amounts":
        """Return both together."""
        return Amounts(
            self.bytes + other.bytes,
            self.artifacts + other.artifacts,
            self.repositories + other.repositories,
            self.tags + other.tags,
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that counts, or would. `repository` and `bytes` are empty where they do not apply."""

    kind: Kind
    repository: str
    key: str
    bytes: int = 0

    @property
    def place(self) -> tuple[Kind, str, str]:
        """What tells it from any other."""
        return self.kind, self.repository, self.key


def amounts_of(items: Iterable[Item]) -> Amounts:
    """Add up things, each of which is there once."""
    numbers = dict.fromkeys(Kind, 0)
    size = 0
    for item in items:
        numbers[item.kind] += 1
        size += item.bytes
    return Amounts(size, numbers[Kind.ARTIFACT], numbers[Kind.REPOSITORY], numbers[Kind.TAG])


@dataclass(frozen=True, slots=True)
class Limits:
    """The most there may be of each resource; None for no limit."""

    bytes: int | None = None
    artifacts: int | None = None
    repositories: int | None = None
    tags: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no amount."""
        for _, limit in self.given():
            if not 0 <= limit <= MAX_LIMIT:
                raise QuotaInvalid(f"a limit is from 0 to {MAX_LIMIT}, and {limit} is not")

    def of(self, resource: Resource) -> int | None:
        """Return the limit of one resource."""
        limit: int | None = getattr(self, resource.value)
        return limit

    def given(self) -> Iterator[tuple[Resource, int]]:
        """Yield each resource that is limited, with its limit."""
        for resource in Resource:
            limit = self.of(resource)
            if limit is not None:
                yield resource, limit

    @property
    def is_limited(self) -> bool:
        """Whether anything is."""
        return any(True for _ in self.given())

    def allotment(self, resource: Resource) -> int:
        """Return how much of a limited resource a process may let pass that the others do not know of."""
        share = (self.of(resource) or 0) * ALLOTMENT_PERCENT // 100
        return max(LEAST_ALLOTMENT_BYTES if resource is Resource.BYTES else 1, share)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a subject may use. At `thresholds`, percentages of a limit, people are warned; `contact` tells whom to ask.

    Raises `QuotaInvalid`.
    """

    limits: Limits
    thresholds: tuple[int, ...] = DEFAULT_THRESHOLDS
    contact: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no percentage, and what is no line."""
        if len(self.thresholds) > MAX_THRESHOLDS or any(not 1 <= each <= 100 for each in self.thresholds):
            raise QuotaInvalid(f"there are at most {MAX_THRESHOLDS} thresholds, each from 1 to 100 percent")
        if tuple(sorted(set(self.thresholds))) != self.thresholds:
            raise QuotaInvalid("thresholds are in order, each once", hint="As in 80, 95.")
        if len(self.contact) > MAX_CONTACT_CHARACTERS or not self.contact.isprintable():
            raise QuotaInvalid(f"whom to ask is one line of at most {MAX_CONTACT_CHARACTERS} characters")


@dataclass(frozen=True, slots=True)
class SetQuota:
    """The quota of a subject as it was set; one that was taken away has none. `revision` grows with every change."""

    subject: Subject
    quota: Quota | None
    revision: int = 0
    changed_at: Milliseconds = THE_BEGINNING
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a subject uses, as it was counted."""

    subject: Subject
    used: Amounts
    counted_at: Milliseconds


def of_project(name: str) -> Subject:
    """Return the project as one who has a quota."""
    return Subject(f"{SubjectKind.PROJECT}:{name}")


def of_account(kind: SubjectKind, name: str) -> Subject:
    """Return a user or a robot as one who has a quota."""
    return Subject(f"{kind}:{name}")


def of_principal(principal: Principal) -> Subject | None:
    """Return who pushes, if it is somebody who can have a quota."""
    is_account = principal.kind in (PrincipalKind.USER, PrincipalKind.ROBOT)
    return Subject(principal.identity) if is_account else None


def is_project(subject: Subject) -> bool:
    """Tell whether it is a project, and no user or robot."""
    return subject.startswith(f"{SubjectKind.PROJECT}:")


def parted(subject: Subject) -> tuple[SubjectKind, str]:
    """Return what sort of subject it is, and its name. Raises `ValueError` for `EVERY_PROJECT`."""
    kind, _, name = subject.partition(":")
    return SubjectKind(kind), name


def percent_of(used: int, limit: int) -> int:
    """Return how many whole percent of a limit are used; of a limit of nothing, all is."""
    return used * 100 // limit if limit else 100


def highest_percent(used: Amounts, limits: Limits) -> int | None:
    """Return the percentage of the resource that is nearest to its limit; None where nothing is limited."""
    return max((percent_of(used.of(resource), limit) for resource, limit in limits.given()), default=None)
