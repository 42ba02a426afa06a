# SPDX-License-Identifier: Apache-2.0
"""Retention rules of other registries: what they come to here, and what the others would delete."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from entrepot.features.retention.errors import ImportRefused
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Tag
from entrepot.features.retention.policies import Terms
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest

MAX_FOREIGN_RULES = 50


class Format(StrEnum):
    """Whose rules they are."""

    ECR = "ecr"
    """The lifecycle policy of a repository in Amazon ECR: its JSON."""
    HARBOR = "harbor"
    """The tag retention policy of a Harbor project, as its API shows it."""


@dataclass(frozen=True, slots=True)
class Image:
    """An artifact with its tags, as other registries see one."""

    artifact: Artifact
    tags: tuple[Tag, ...]

    @property
    def pushed_at(self) -> Milliseconds:
        """When it was pushed, for all that is known here."""
        return self.artifact.pushed_at

    @property
    def last_pulled_at(self) -> Milliseconds:
        """When it was pulled, by any of its tags; 0 for never."""
        used = [self.artifact.last_used_at, *(tag.last_used_at for tag in self.tags)]
        return max((each for each in used if each is not None), default=Milliseconds(0))


@dataclass(frozen=True, slots=True)
class Imported:
    """What a policy comes to here, what is to be known about it, and what the other registry would delete."""

    terms: Terms
    notes: tuple[str, ...]
    deletes: Callable[[Contents, Milliseconds], set[Digest]]
    """The artifacts of a repository that the other registry would delete now, each with all of its tags."""


def images_of(contents: Contents) -> list[Image]:
    """Return the artifacts of a repository with their tags."""
    tags: dict[Digest, list[Tag]] = {}
    for tag in contents.tags:
        tags.setdefault(tag.digest, []).append(tag)
    return [Image(each, tuple(tags.get(each.digest, ()))) for each in contents.artifacts]


def days(count: int) -> int:
    """Return so many days in milliseconds."""
    return count * DAY_MS


def text_of(rule: dict[str, Any], name: str, where: str) -> str:
    """Return a text of a document. Raises `ImportRefused`."""
    value = rule.get(name)
    if not isinstance(value, str):
        raise ImportRefused(f"{where} has no text {name!r}")
    return value


def number_of(rule: dict[str, Any], name: str, where: str) -> int:
    """Return a whole number of a document, 1 or more. Raises `ImportRefused`."""
    value = rule.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ImportRefused(f"{where} has no number {name!r} of 1 or more")
    return value


def objects_of(document: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    """Return a list of objects of a document. Raises `ImportRefused`."""
    value = document.get(name)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ImportRefused(f"{where} has no list {name!r} of objects")
    if len(value) > MAX_FOREIGN_RULES:
        raise ImportRefused(f"{where} has more than {MAX_FOREIGN_RULES} {name}")
    return value
