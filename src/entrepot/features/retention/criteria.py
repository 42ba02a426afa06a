# SPDX-License-Identifier: Apache-2.0
"""Whether a rule selects a tag, or an artifact without one; the newest of them are found elsewhere."""

import re
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.retention.expressions import compile_expression
from entrepot.features.retention.models import GRACE_DAYS
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Selection
from entrepot.features.retention.models import Tag
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.version_range import parse_range


@dataclass(frozen=True, slots=True)
class Unit:
    """What rules select one by one: a tag and its artifact, or an artifact without a tag."""

    artifact: Artifact
    tag: Tag | None

    @property
    def came_at(self) -> Milliseconds:
        """Since when it is what it is."""
        return self.artifact.pushed_at if self.tag is None else self.tag.set_at

    @property
    def last_used_at(self) -> Milliseconds | None:
        """When a client used it last, None where nobody knows."""
        return self.artifact.last_used_at if self.tag is None else self.tag.last_used_at


@dataclass(frozen=True, slots=True)
class Times:
    """When rules are asked, and since when it is recorded who uses what."""

    now: Milliseconds
    uses_since: Milliseconds


Criterion = Callable[[Unit], bool]


def criteria_of(selection: Selection, times: Times, *, if_unknown: bool = False) -> list[Criterion]:
    """Return what has to hold of a unit, the quickest first; `repositories` and `newest` are not among it.

    `if_unknown` is what counts where labels and size of an artifact are not known yet.
    """
    return [*_of_tag(selection), *_of_artifact(selection, if_unknown), *_of_age(selection, times)]


def is_about(selection: Selection, repository: str) -> bool:
    """Tell whether a selection is about a repository at all."""
    patterns = selection.repositories
    return not patterns or any(parse_pattern(pattern).matches(repository) for pattern in patterns)


def unused_since(unit: Unit, times: Times) -> tuple[Milliseconds, bool]:
    """Return since when nobody uses it for all that is known, and whether a use is known at all.

    What is not known is not old: then it counts from when it came, or from when uses are recorded, if that is later.
    """
    used = unit.last_used_at
    if used is not None:
        return max(used, unit.came_at), True
    return max(unit.came_at, times.uses_since), False


def _of_tag(selection: Selection) -> list[Criterion]:
    found: list[Criterion] = []
    if selection.is_tagged is not None:
        found.append(lambda unit: (unit.tag is not None) is selection.is_tagged)
    if selection.tags or selection.tag_expressions:
        matches = _matcher(selection.tags, selection.tag_expressions)
        found.append(lambda unit: unit.tag is not None and matches(unit.tag.name))
    if selection.except_tags:
        excludes = _matcher(selection.except_tags)
        found.append(lambda unit: unit.tag is None or not excludes(unit.tag.name))
    if selection.versions:
        versions = parse_range(selection.versions)
        found.append(lambda unit: unit.tag is not None and versions.has(unit.tag.name))
    return found


def _of_artifact(selection: Selection, if_unknown: bool) -> list[Criterion]:
    found: list[Criterion] = []
    if selection.artifact_types:
        types = [_glob(pattern) for pattern in selection.artifact_types]
        found.append(
            lambda unit: any(type_.fullmatch(each) for type_ in types for each in unit.artifact.artifact_types)
        )
    if selection.labels:
        found.append(lambda unit: _has_labels(unit.artifact, selection.labels, if_unknown))
    if selection.larger_than_bytes is not None:
        least = selection.larger_than_bytes
        found.append(lambda unit: unit.artifact.size > least if unit.artifact.is_known else if_unknown)
    if selection.with_referrer:
        found.append(lambda unit: selection.with_referrer in unit.artifact.referrers)
    if selection.without_referrer:
        found.append(lambda unit: selection.without_referrer not in unit.artifact.referrers)
    if selection.facts:
        found.append(lambda unit: all(_holds(unit.artifact, fact) for fact in selection.facts))
    return found


def _of_age(selection: Selection, times: Times) -> list[Criterion]:
    found: list[Criterion] = []
    if selection.older_than_days is not None:
        latest = times.now - selection.older_than_days * DAY_MS
        found.append(lambda unit: unit.came_at <= latest)
    if selection.newer_than_days is not None:
        earliest = times.now - selection.newer_than_days * DAY_MS
        found.append(lambda unit: unit.came_at > earliest)
    if selection.unused_for_days is not None:
        days = selection.unused_for_days
        found.append(lambda unit: _is_unused(unit, times, days))
    if selection.used_within_days is not None:
        within = selection.used_within_days
        found.append(lambda unit: not _is_unused(unit, times, within))
    return found


def _is_unused(unit: Unit, times: Times, days: int) -> bool:
    since, is_known = unused_since(unit, times)
    return times.now - since >= (days if is_known else max(days, GRACE_DAYS)) * DAY_MS


def _matcher(patterns: Sequence[str], expressions: Sequence[str] = ()) -> Callable[[str], bool]:
    found = [parse_tag_pattern(pattern).fullmatch for pattern in patterns]
    found += [compile_expression(expression).fullmatch for expression in expressions]
    if len(found) == 1:
        only = found[0]
        return lambda tag: only(tag) is not None
    return lambda tag: any(matches(tag) is not None for matches in found)


def _has_labels(artifact: Artifact, labels: Sequence[str], if_unknown: bool) -> bool:
    if all(_has_label(artifact, label) for label in labels):
        return True
    return if_unknown and not artifact.is_known


def _has_label(artifact: Artifact, label: str) -> bool:
    if "=" in label:
        return label in artifact.labels
    return any(each.partition("=")[0] == label for each in artifact.labels)


def _holds(artifact: Artifact, fact: str) -> bool:
    return (fact.removeprefix("!") in artifact.facts) is not fact.startswith("!")


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    """Translate a pattern into an expression that never goes back over a `*` but the last (linear time)."""
    first, *rest = map(re.escape, pattern.split("*"))
    if not rest:
        return re.compile(first)
    *middle, last = rest
    return re.compile(first + "".join(f"(?>.*?{literal})" for literal in middle) + f".*{last}", re.DOTALL)
