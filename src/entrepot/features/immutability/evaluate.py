# SPDX-License-Identifier: Apache-2.0
"""Which rule decides about a tag, and what it lets happen, without I/O."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.versions import is_version
from entrepot.kernel.clock import Milliseconds


class Ruling(StrEnum):
    """What a rule says to a deed."""

    FREE = "free"
    KEPT = "kept"
    """The tag stays as it is."""
    NO_VERSION = "no-version"
    """Only versions are set here."""
    FORWARD_ONLY = "forward-only"
    """The tag may move to something newer."""


class ReadRule:
    """A rule that was read, and where it stands: the project, empty for the registry, and its number from 1."""

    __slots__ = ("_repositories", "_tags", "number", "project", "rule")

    def __init__(self, project: str, number: int, rule: Rule) -> None:
        """Read its patterns. Raises as `parse_pattern` and `parse_tag_pattern`."""
        self.project = project
        self.number = number
        self.rule = rule
        self._repositories = parse_pattern(rule.repositories)
        self._tags = parse_tag_pattern(rule.tags)

    def is_about(self, repository: str) -> bool:
        """Tell whether it is about some tag of a repository."""
        return self._repositories.matches(repository)

    def matches(self, repository: str, tag: str, now: Milliseconds) -> bool:
        """Tell whether it is about the tag, and has not ended."""
        return (
            (self.rule.until is None or now < self.rule.until)
            and self._tags.fullmatch(tag) is not None
            and self._repositories.matches(repository)
        )


def read_rules(project: str, rules: Sequence[Rule]) -> tuple[ReadRule, ...]:
    """Read the rules of a project, or of the registry, in order."""
    return tuple(ReadRule(project, number, rule) for number, rule in enumerate(rules, 1))


@dataclass(frozen=True, slots=True)
class Layers:
    """The rules that may be about a repository: those of its project, and those of the registry."""

    of_project: Sequence[ReadRule]
    of_registry: Sequence[ReadRule]

    def in_order(self) -> Iterator[ReadRule]:
        """Yield them as they are asked: binding ones of the registry, those of the project, the rest."""
        yield from (each for each in self.of_registry if each.rule.is_binding)
        yield from self.of_project
        yield from (each for each in self.of_registry if not each.rule.is_binding)

    def deciding(self, repository: str, tag: str, now: Milliseconds) -> ReadRule | None:
        """Return the first rule that is about the tag; None where it is free."""
        return next((each for each in self.in_order() if each.matches(repository, tag, now)), None)

    def keeps_any(self, repository: str) -> bool:
        """Tell whether some rule may keep some tag of the repository."""
        return any(each.rule.effect is not Effect.MUTABLE and each.is_about(repository) for each in self.in_order())


def ruling(effect: Effect, tag: str, deed: Deed) -> Ruling:
    """Return what a rule with this effect says to a deed. To set what is set already to the same is no deed."""
    match effect:
        case Effect.MUTABLE:
            return Ruling.FREE
        case Effect.IMMUTABLE:
            return Ruling.FREE if deed is Deed.SET else Ruling.KEPT
        case Effect.APPEND_ONLY if is_version(tag):
            return Ruling.FREE if deed is Deed.SET else Ruling.KEPT
        case Effect.APPEND_ONLY:
            return Ruling.FREE if deed is Deed.DELETE else Ruling.NO_VERSION
        case Effect.FORWARD:
            return {Deed.SET: Ruling.FREE, Deed.MOVE: Ruling.FORWARD_ONLY, Deed.DELETE: Ruling.KEPT}[deed]
