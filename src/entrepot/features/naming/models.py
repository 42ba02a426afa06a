# SPDX-License-Identifier: Apache-2.0
"""The words of naming."""

from dataclasses import dataclass

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming.errors import NamingInvalid

NOUN = "naming"

MAX_PATTERNS = 10
"""Of each kind in a rule."""

MAX_DESCRIPTION_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """What is allowed in some repositories. Raises `NamingInvalid` and as the patterns it holds."""

    repositories: str
    """The path pattern of what it is about."""
    names: tuple[str, ...] = ()
    """Path patterns, one of which the name of a new repository has to match; none for any name."""
    tags: tuple[str, ...] = ()
    """Tag patterns, one of which a new tag has to match; none for any tag."""
    artifact_types: tuple[ArtifactType, ...] = ()
    """What may be pushed; none for anything."""
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no pattern, and a rule that says nothing."""
        parse_pattern(self.repositories)
        for name in self.names:
            parse_pattern(name)
        for tag in self.tags:
            parse_tag_pattern(tag)
        if not (self.names or self.tags or self.artifact_types):
            raise NamingInvalid(
                "the rule allows everything", hint="Give names, tags or artifact types, or leave it out."
            )
        if max(len(self.names), len(self.tags)) > MAX_PATTERNS:
            raise NamingInvalid(f"there are more than {MAX_PATTERNS} patterns", hint="Let one match more names.")
        if len(self.description) > MAX_DESCRIPTION_CHARACTERS or not self.description.isprintable():
            raise NamingInvalid(
                f"a description is one line of at most {MAX_DESCRIPTION_CHARACTERS} characters",
                hint="Say it in fewer words.",
            )
