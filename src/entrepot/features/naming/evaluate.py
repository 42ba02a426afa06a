# SPDX-License-Identifier: Apache-2.0
"""What rules allow, without I/O."""

from collections.abc import Sequence

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming.models import Rule


class ReadRule:
    """A rule that was read, and where it stands: the project, empty for the registry, and its number from 1."""

    __slots__ = ("_about", "_names", "_tags", "number", "project", "rule")

    def __init__(self, project: str, number: int, rule: Rule) -> None:
        """Read its patterns. Raises as `parse_pattern` and `parse_tag_pattern`."""
        self.project = project
        self.number = number
        self.rule = rule
        self._about = parse_pattern(rule.repositories)
        self._names = tuple(map(parse_pattern, rule.names))
        self._tags = tuple(map(parse_tag_pattern, rule.tags))

    def is_about(self, repository: str) -> bool:
        """Tell whether it is about a repository."""
        return self._about.matches(repository)

    def allows_repository(self, repository: str) -> bool:
        """Tell whether a new repository may be called so."""
        return not self._names or any(each.matches(repository) for each in self._names)

    def allows_tag(self, tag: str) -> bool:
        """Tell whether a new tag may be called so."""
        return not self._tags or any(each.fullmatch(tag) for each in self._tags)

    def allows_type(self, artifact_type: ArtifactType) -> bool:
        """Tell whether such an artifact may be pushed; an index is of images, where those are allowed."""
        allowed = self.rule.artifact_types
        if not allowed or artifact_type in allowed:
            return True
        return artifact_type is ArtifactType.INDEX and ArtifactType.IMAGE in allowed


def read_rules(project: str, rules: Sequence[Rule]) -> tuple[ReadRule, ...]:
    """Read the rules of a project, or of the registry, in order."""
    return tuple(ReadRule(project, number, rule) for number, rule in enumerate(rules, 1))
