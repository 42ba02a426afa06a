# SPDX-License-Identifier: Apache-2.0
"""The words of immutability."""

from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.immutability.errors import ImmutabilityInvalid
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName

NOUN = "immutability"

MAX_DESCRIPTION_CHARACTERS = 200
MAX_REASON_CHARACTERS = 300
MAX_OVERRIDE_MS = DAY_MS
MAX_OVERRIDES = 100
"""In one repository, that have not ended."""


class Effect(StrEnum):
    """What a rule does to the tags that it is about. Values never change: they are stored."""

    MUTABLE = "mutable"
    """They are set, moved and deleted freely; a rule of this kind is an exception from those behind it."""
    IMMUTABLE = "immutable"
    """Once set, they are not moved and not deleted."""
    APPEND_ONLY = "append-only"
    """They are versions, new ones may be added, and none is moved or deleted."""
    FORWARD = "forward"
    """They move to newer versions only, and are not deleted."""


class Deed(StrEnum):
    """What happens to a tag."""

    SET = "set"
    MOVE = "move"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for some tags in some repositories. Raises `ImmutabilityInvalid` and as the patterns it holds."""

    repositories: str
    """A path pattern."""
    tags: str
    """A tag pattern; `*` for all of them."""
    effect: Effect
    until: Milliseconds | None = None
    """When it ends by itself; None for never."""
    description: str = ""
    is_binding: bool = False
    """Of a rule of the registry: whether it comes before the rules of projects, and not behind them."""

    def __post_init__(self) -> None:
        """Refuse what is no pattern."""
        parse_pattern(self.repositories)
        parse_tag_pattern(self.tags)
        if len(self.description) > MAX_DESCRIPTION_CHARACTERS or not self.description.isprintable():
            raise ImmutabilityInvalid(
                f"a description is one line of at most {MAX_DESCRIPTION_CHARACTERS} characters",
                hint="Say it in fewer words.",
            )


@dataclass(frozen=True, slots=True)
class Override:
    """A tag may be moved and deleted until then, whatever rules say."""

    repository: RepositoryName
    tag: TagName
    reason: str
    expires_at: Milliseconds
    created_at: Milliseconds
    created_by: str
