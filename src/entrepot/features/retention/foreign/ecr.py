# SPDX-License-Identifier: Apache-2.0
"""Lifecycle policies of Amazon ECR.

There a rule of a lower priority number comes first, and an image whose tags a rule is about is never expired by a later
one; rules that count order by when images were pushed (ECR user guide, "Lifecycle policies"). What has several tags
goes with all of them once one rule expires it; here only where every tag is selected.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.policies import Terms
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest

_COUNTS = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled")


@dataclass(frozen=True, slots=True)
class _EcrRule:
    """A rule; `pattern` is None where it is not about certain tags."""

    priority: int
    description: str
    is_tagged: bool | None
    pattern: str | None
    count_type: str
    count: int

    def is_about(self, image: Image) -> bool:
        """Tell whether the tags of an image are what the rule asks for."""
        if self.pattern is not None:
            expression = parse_tag_pattern(self.pattern)
            return any(expression.fullmatch(tag.name) for tag in image.tags)
        return self.is_tagged is None or bool(image.tags) is self.is_tagged


def read_ecr(document: dict[str, Any]) -> Imported:
    """Read the JSON of a lifecycle policy. Raises `ImportRefused` for what cannot be said here."""
    found = [_rule(each) for each in objects_of(document, "rules", "the policy")]
    found.sort(key=lambda rule: rule.priority)
    if not found:
        raise ImportRefused("the policy has no rule")
    if len({rule.priority for rule in found}) < len(found):
        raise ImportRefused("two rules have the same rulePriority")
    if any(rule.is_tagged is None for rule in found[:-1]):
        raise ImportRefused("a rule about any image is not the last", hint="Give it the highest rulePriority.")
    before: list[str] = []
    rules: list[Rule] = []
    for each in found:
        rules.append(_as_here(each, tuple(before)))
        if each.pattern is not None:
            before.append(each.pattern)
    notes = (
        "Amazon ECR counts from when an image was pushed, this registry from when its tag was set.",
        "Amazon ECR expires an image with all its tags once a rule is about one of them; here all have to be selected.",
        "The policy has no schedule: Amazon ECR acts within a day. Set when it is carried out.",
    )
    return Imported(Terms(tuple(rules)), notes, _deletes(found))


def _rule(document: dict[str, Any]) -> _EcrRule:
    where = f"rule {document.get('rulePriority', '?')}"
    selection, action = document.get("selection"), document.get("action")
    if not isinstance(selection, dict) or not isinstance(action, dict):
        raise ImportRefused(f"{where} has no selection or no action")
    if action.get("type") != "expire":
        raise ImportRefused(f"{where} does not expire images but {str(action.get('type'))[:32]!r}: nothing here does")
    count_type = text_of(selection, "countType", where)
    if count_type not in _COUNTS:
        raise ImportRefused(f"{where} counts by {count_type[:64]!r}, which nothing here does")
    if selection.get("storageClass", "standard") != "standard":
        raise ImportRefused(f"{where} is about a storage class, which there is none of here")
    if count_type != "imageCountMoreThan" and selection.get("countUnit", "days") != "days":
        raise ImportRefused(f"{where} counts in {str(selection.get('countUnit'))[:32]!r}, not in days")
    is_tagged, pattern = _tags_of(selection, where)
    return _EcrRule(
        priority=number_of(document, "rulePriority", "a rule"),
        description=str(document.get("description", ""))[:300],
        is_tagged=is_tagged,
        pattern=pattern,
        count_type=count_type,
        count=number_of(selection, "countNumber", where),
    )


def _tags_of(selection: dict[str, Any], where: str) -> tuple[bool | None, str | None]:
    """Return whether it is about what is tagged, and the pattern of the tag."""
    status = text_of(selection, "tagStatus", where)
    if status == "untagged":
        return False, None
    if status == "any":
        return None, None
    if status != "tagged":
        raise ImportRefused(f"{where} has the unknown tagStatus {status[:32]!r}")
    patterns = selection.get("tagPatternList") or [f"{each}*" for each in selection.get("tagPrefixList") or []]
    if not isinstance(patterns, list) or not all(isinstance(each, str) for each in patterns):
        raise ImportRefused(f"{where} has no list of tag patterns")
    if len(patterns) != 1:
        raise ImportRefused(
            f"{where} names {len(patterns)} patterns, all of which an image has to have: no rule here asks for that",
            hint="Make a rule for each.",
        )
    parse_tag_pattern(patterns[0])
    return True, patterns[0]


def _as_here(rule: _EcrRule, before: tuple[str, ...]) -> Rule:
    """Return the rule that comes closest; what earlier rules are about is none of its business."""
    selection = Selection(
        tags=() if rule.pattern is None else (rule.pattern,),
        except_tags=() if rule.is_tagged is False else before,
        is_tagged=rule.is_tagged,
        older_than_days=rule.count if rule.count_type == "sinceImagePushed" else None,
        unused_for_days=rule.count if rule.count_type == "sinceImagePulled" else None,
        newest=Newest(rule.count) if rule.count_type == "imageCountMoreThan" else None,
    )
    return Rule(f"ecr-{rule.priority}", Effect.DELETE_ARTIFACTS, selection, description=rule.description)


def _deletes(rules: list[_EcrRule]) -> Callable[[Contents, Milliseconds], set[Digest]]:
    def deletes(contents: Contents, now: Milliseconds) -> set[Digest]:
        """Return what the rules would expire."""
        left, gone = images_of(contents), set[Digest]()
        for rule in rules:
            about = [image for image in images_of(contents) if rule.is_about(image)]
            mine = {image.artifact.digest for image in left}
            gone |= {image.artifact.digest for image in _expired(about, rule, now)} & mine
            if rule.pattern is not None or rule.is_tagged is False:
                left = [image for image in left if not rule.is_about(image)]
        return gone

    return deletes


def _expired(about: list[Image], rule: _EcrRule, now: Milliseconds) -> list[Image]:
    if rule.count_type == "imageCountMoreThan":
        about.sort(key=lambda image: (image.pushed_at, image.artifact.digest), reverse=True)
        return about[rule.count :]
    if rule.count_type == "sinceImagePushed":
        return [image for image in about if now - image.pushed_at >= days(rule.count)]
    return [image for image in about if now - max(image.last_pulled_at, image.pushed_at) >= days(rule.count)]
