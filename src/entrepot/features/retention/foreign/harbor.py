# SPDX-License-Identifier: Apache-2.0
"""Tag retention policies of Harbor.

There every rule keeps, and what no rule keeps goes: the artifact with all of its tags, in every repository that a rule
is about. What was never pulled counts as pulled long ago (goharbor/harbor, `src/pkg/retention`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from itertools import product
from typing import Any

import msgspec

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.retention.errors import ImportRefused
from entrepot.features.retention.foreign.documents import Image
from entrepot.features.retention.foreign.documents import Imported
from entrepot.features.retention.foreign.documents import days
from entrepot.features.retention.foreign.documents import images_of
from entrepot.features.retention.foreign.documents import number_of
from entrepot.features.retention.foreign.documents import objects_of
from entrepot.features.retention.foreign.documents import text_of
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Newest
from entrepot.features.retention.models import Order
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.policies import Terms
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest

_NEWEST = {"latestPushedK": Order.PUSH, "latestPulledN": Order.PULL, "latestActiveK": Order.PULL}
_PUSHED_WITHIN = ("nDaysSinceLastPush", "lastXDays")
_PULLED_WITHIN = "nDaysSinceLastPull"
_ALWAYS = "always"
_DEFAULTS = {"latestPushedK": 10, "latestPulledN": 10, "latestActiveK": 10, "lastXDays": 10}
_DEFAULT_DAYS = 30
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
MAX_ALTERNATIVES = 20


@dataclass(frozen=True, slots=True)
class _HarborRule:
    """A rule that keeps."""

    template: str
    count: int
    repositories: tuple[str, ...]
    tags: tuple[str, ...]
    """Empty for every tag."""
    except_tags: tuple[str, ...]
    has_untagged: bool

    def is_about(self, contents: Contents) -> bool:
        """Tell whether it is about a repository."""
        return any(parse_pattern(pattern).matches(contents.repository) for pattern in self.repositories)

    def selects(self, image: Image) -> bool:
        """Tell whether it is about an image, by any of its tags."""
        if not image.tags:
            return self.has_untagged
        return any(self._matches(tag.name) for tag in image.tags)

    def _matches(self, tag: str) -> bool:
        if any(parse_tag_pattern(pattern).fullmatch(tag) for pattern in self.except_tags):
            return False
        return not self.tags or any(parse_tag_pattern(pattern).fullmatch(tag) for pattern in self.tags)


def read_harbor(document: dict[str, Any], project: str) -> Imported:
    """Read a policy of the project that it is for. Raises `ImportRefused` for what cannot be said here."""
    if document.get("algorithm", "or") != "or":
        raise ImportRefused(f"the policy joins its rules by {str(document['algorithm'])[:32]!r}")
    found = [
        _rule(each, number, project)
        for number, each in enumerate(objects_of(document, "rules", "the policy"), 1)
        if each.get("disabled") is not True
    ]
    if not found:
        raise ImportRefused("the policy has no rule that counts")
    rules = [rule for number, each in enumerate(found, 1) for rule in _as_here(number, each)]
    about = tuple(dict.fromkeys(pattern for each in found for pattern in each.repositories))
    rest = Selection(repositories=about, older_than_days=0)
    rules.append(Rule("harbor-rest", Effect.DELETE_ARTIFACTS, rest, description="What no rule keeps."))
    notes = (
        "Harbor counts what was never pulled as pulled long ago; here it counts from when it came, 30 days at least.",
        "Harbor counts from when an artifact was pushed, this registry from when its tag was set.",
    )
    return Imported(Terms(tuple(rules), cron=_cron(document)), notes, _deletes(found))


def _rule(document: dict[str, Any], number: int, project: str) -> _HarborRule:
    where = f"rule {number}"
    if document.get("action", "retain") != "retain":
        raise ImportRefused(f"{where} does not retain")
    template, params = text_of(document, "template", where), document.get("params") or {}
    if template not in (*_NEWEST, *_PUSHED_WITHIN, _PULLED_WITHIN, _ALWAYS):
        raise ImportRefused(f"{where} has the unknown template {template[:64]!r}")
    if not isinstance(params, dict):
        raise ImportRefused(f"{where} has no params")
    count = _DEFAULTS.get(template, _DEFAULT_DAYS)
    if template in params:
        count = number_of(params, template, where)
    scopes = document.get("scope_selectors") or {}
    if not isinstance(scopes, dict):
        raise ImportRefused(f"{where} has no scope_selectors")
    repositories = _patterns(objects_of(scopes, "repository", where), "repoMatches", where)
    selectors = objects_of(document, "tag_selectors", where)
    if len(selectors) != 1:
        raise ImportRefused(f"{where} has {len(selectors)} tag_selectors, not one")
    is_excluding = selectors[0].get("decoration") == "excludes"
    tags = _patterns(selectors, "excludes" if is_excluding else "matches", where)
    return _HarborRule(
        template=template,
        count=count,
        repositories=tuple(_in_project(project, each) for each in repositories),
        tags=() if is_excluding or "*" in tags else tags,
        except_tags=tags if is_excluding else (),
        has_untagged=_has_untagged(selectors[0], is_default=not is_excluding),
    )


def _patterns(selectors: list[dict[str, Any]], decoration: str, where: str) -> tuple[str, ...]:
    """Return the patterns of selectors, each alternative by itself."""
    if len(selectors) != 1 or selectors[0].get("decoration") != decoration:
        raise ImportRefused(f"{where} has a selector that does not say {decoration!r}: no rule here says so")
    text = text_of(selectors[0], "pattern", where)
    parts = _ALTERNATIVES.split(text)
    choices = [part.split(",") if place % 2 else [part] for place, part in enumerate(parts)]
    found = [re.sub(r"\*+", "*", "".join(each)) for each in product(*choices)]
    if len(found) > MAX_ALTERNATIVES:
        raise ImportRefused(f"{where} has a pattern with more than {MAX_ALTERNATIVES} alternatives")
    unknown = next((each for each in found if set(each) & set("?[]{}!\\^")), None)
    if unknown is not None:
        raise ImportRefused(f"{where} has the pattern {unknown[:64]!r}: only '*' and '{{a,b}}' can be said here")
    return tuple(found)


def _in_project(project: str, pattern: str) -> str:
    return f"{project}/**" if pattern == "*" else f"{project}/{pattern}"


def _has_untagged(selector: dict[str, Any], *, is_default: bool) -> bool:
    extras = selector.get("extras") or ""
    try:
        said = msgspec.json.decode(extras, type=dict[str, Any]) if extras else {}
    except (msgspec.DecodeError, TypeError):
        return is_default
    untagged = said.get("untagged", is_default)
    return untagged if isinstance(untagged, bool) else is_default


def _as_here(number: int, rule: _HarborRule) -> list[Rule]:
    """Return rules that keep the same: of what is tagged, and of what is not."""
    says = f"Harbor's rule {number}: {rule.template}"
    every = Selection(
        repositories=rule.repositories,
        newer_than_days=rule.count if rule.template in _PUSHED_WITHIN else None,
        used_within_days=rule.count if rule.template == _PULLED_WITHIN else None,
        newest=Newest(rule.count, _NEWEST[rule.template]) if rule.template in _NEWEST else None,
    )
    named = replace(every, tags=rule.tags, except_tags=rule.except_tags)
    if rule.has_untagged and not rule.tags:
        return [Rule(f"harbor-{number}", Effect.KEEP, named, description=says)]
    found = [Rule(f"harbor-{number}", Effect.KEEP, replace(named, is_tagged=True), description=says)]
    if rule.has_untagged:
        untagged = replace(every, is_tagged=False)
        found.append(Rule(f"harbor-{number}-untagged", Effect.KEEP, untagged, description=says))
    return found


def _cron(document: dict[str, Any]) -> str:
    """Return when it is carried out: Harbor's six fields begin with seconds."""
    trigger = document.get("trigger") or {}
    settings = trigger.get("settings") if isinstance(trigger, dict) else None
    cron = settings.get("cron") if isinstance(settings, dict) else None
    if not cron:
        return ""
    fields = str(cron).split()
    if len(fields) != 6:
        raise ImportRefused(f"the schedule {str(cron)[:64]!r} has not six fields")
    return " ".join(fields[1:]).replace("?", "*")


def _deletes(rules: list[_HarborRule]) -> Callable[[Contents, Milliseconds], set[Digest]]:
    def deletes(contents: Contents, now: Milliseconds) -> set[Digest]:
        """Return what no rule would keep."""
        about = [rule for rule in rules if rule.is_about(contents)]
        if not about:
            return set()
        images = images_of(contents)
        kept = {image.artifact.digest for rule in about for image in _kept(images, rule, now)}
        return {image.artifact.digest for image in images} - kept

    return deletes


def _kept(images: list[Image], rule: _HarborRule, now: Milliseconds) -> list[Image]:
    about = [image for image in images if rule.selects(image)]
    if rule.template == _ALWAYS:
        return about
    if rule.template in _PUSHED_WITHIN:
        return [image for image in about if now - image.pushed_at < days(rule.count)]
    if rule.template == _PULLED_WITHIN:
        return [image for image in about if now - image.last_pulled_at < days(rule.count)]
    about.sort(key=lambda image: (_order(image, rule.template), image.artifact.digest), reverse=True)
    return about[: rule.count]


def _order(image: Image, template: str) -> Milliseconds:
    if template == "latestPushedK":
        return image.pushed_at
    return image.last_pulled_at if template == "latestPulledN" else max(image.last_pulled_at, image.pushed_at)
