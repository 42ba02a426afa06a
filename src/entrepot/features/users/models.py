# SPDX-License-Identifier: Apache-2.0
"""The words of renaming and merging users."""

from dataclasses import dataclass

from entrepot.kernel.clock import Milliseconds

MAX_LISTED = 1_000
"""How many grants of a merger are listed; all of them are counted, and moved."""


@dataclass(frozen=True, slots=True)
class MovingGrant:
    """A grant that goes from one user to another, and when it ends then."""

    path_pattern: str
    role: str
    tag_pattern: str
    expires_at: Milliseconds | None
    is_combined: bool
    """Whether the other user has the same already: the one that ends later counts."""


@dataclass(frozen=True, slots=True)
class MovingToken:
    """A personal token that goes from one user to another, and what it is called then."""

    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class Merger:
    """What goes from one user to another when they become one."""

    source: str
    into: str
    grant_count: int
    grants: tuple[MovingGrant, ...]
    """As many as are listed, the oldest first."""
    groups: tuple[str, ...]
    """The groups that the other user comes to be in."""
    groups_left: tuple[str, ...]
    """Those whose provider decides who is in them, and knows the other user not."""
    tokens: tuple[MovingToken, ...]
    """The tokens that were not revoked."""


@dataclass(frozen=True, slots=True)
class ToldName:
    """A name, as it is told of a user that has another one before or after."""

    name: str


@dataclass(frozen=True, slots=True)
class ToldMerger:
    """What is told of a merger."""

    into: str
    grants: int
    groups: tuple[str, ...]
    tokens: tuple[str, ...]
