# SPDX-License-Identifier: Apache-2.0
"""The words of descriptions."""

from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.descriptions.errors import DescriptionInvalid
from entrepot.kernel.clock import Milliseconds

MAX_TEXT_BYTES = 64 * 1024
MAX_SUMMARY_CHARACTERS = 200
MAX_OWNER_CHARACTERS = 255


class Kind(StrEnum):
    """What is described. Values never change: they are stored."""

    PROJECT = "project"
    REPOSITORY = "repository"


class OwnerKind(StrEnum):
    """What sort of owner it is. Values never change: they are stored."""

    USER = "user"
    GROUP = "group"
    CONTACT = "contact"
    """Whatever leads to somebody: an address, a channel, a team that has no account here."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project or a repository, and the project it belongs to."""

    kind: Kind
    name: str
    project: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom to ask. It gives nobody a right, so a name that nobody has is no mistake. Raises `DescriptionInvalid`."""

    kind: OwnerKind
    name: str

    def __post_init__(self) -> None:
        """Refuse what is no line of text."""
        if not (self.name.strip() == self.name and self.name.isprintable()):
            raise DescriptionInvalid("the name of an owner is one line, without space around it")
        if not 0 < len(self.name) <= MAX_OWNER_CHARACTERS:
            raise DescriptionInvalid(f"the name of an owner has 1 to {MAX_OWNER_CHARACTERS} characters")

    def __str__(self) -> str:
        """Spell it as it is stored: a user as among principals, so that it follows when the user is renamed."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Description:
    """What something is: one line for lists, a text in Markdown, and whom to ask. Raises `DescriptionInvalid`."""

    summary: str = ""
    text: str = ""
    owner: Owner | None = None

    def __post_init__(self) -> None:
        """Refuse what is too long, or no line."""
        if len(self.summary) > MAX_SUMMARY_CHARACTERS or not self.summary.isprintable():
            raise DescriptionInvalid(
                f"a summary is one line of at most {MAX_SUMMARY_CHARACTERS} characters",
                hint="Say the rest in the description.",
            )
        try:
            size = len(self.text.encode())
        except UnicodeEncodeError:
            raise DescriptionInvalid("it is not Unicode text", hint="Send it as UTF-8.") from None
        if size > MAX_TEXT_BYTES:
            raise DescriptionInvalid(
                f"a description has at most {MAX_TEXT_BYTES} bytes, and this one has {size}",
                hint="Put the rest where its readers look for documentation, and a link to it here.",
            )


@dataclass(frozen=True, slots=True)
class Described:
    """A description as it is stored; `revision` 0 and an empty `changed_by` say that none was ever written."""

    description: Description
    revision: int
    changed_at: Milliseconds
    changed_by: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Of a description, what lists show."""

    summary: str
    owner: Owner | None


def read_owner(stored: str) -> Owner | None:
    """Return the owner that is stored so; None for nobody, and for a kind of a newer version."""
    kind, colon, name = stored.partition(":")
    return Owner(OwnerKind(kind), name) if colon and kind in set(OwnerKind) else None
