# SPDX-License-Identifier: Apache-2.0
"""What becomes of each tag, and of each artifact without one, in a repository.

All rules are asked of everything, so their order says nothing:

1. What is protected stays, and so does what a rule keeps.
2. A tag goes that a rule deletes, or that has expired, and nothing but the tag.
3. An artifact goes, with its tags and referrers, where each of its tags (or, without one, it) is selected by a rule
   that deletes artifacts or has expired, none of them stays for the first reason, and no index holds it.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.retention.criteria import Times
from entrepot.features.retention.criteria import Unit
from entrepot.features.retention.criteria import criteria_of
from entrepot.features.retention.criteria import is_about
from entrepot.features.retention.models import EXPIRY
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Newest
from entrepot.features.retention.models import Order
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Verdict
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.version_order import NO_VERSION
from entrepot.oci.version_order import version_key


@dataclass(slots=True)
class _Asked:
    """A unit, and the rules that select it, by what they do."""

    unit: Unit
    keep: tuple[str, ...] = ()
    delete_tags: tuple[str, ...] = ()
    delete_artifacts: tuple[str, ...] = ()

    def note(self, effect: Effect, rule: str) -> None:
        """Note that a rule selects it."""
        if effect is Effect.KEEP:
            self.keep += (rule,)
        elif effect is Effect.DELETE_TAGS:
            self.delete_tags += (rule,)
        else:
            self.delete_artifacts += (rule,)

    @property
    def stays(self) -> str:
        """Why nothing may delete it; empty if that depends on the rules that delete."""
        tag = self.unit.tag
        protection = self.unit.artifact.protection or (tag.protection if tag else "")
        return protection or ("a rule keeps it" if self.keep else "")

    def verdict(self, fate: Fate, reason: str, rules: tuple[str, ...], *, with_artifact: bool = False) -> Verdict:
        """Tell what becomes of it, and by which rules."""
        tag = self.unit.tag.name if self.unit.tag else None
        return Verdict(self.unit.artifact.digest, tag, fate, reason, rules, with_artifact)


def evaluate(contents: Contents, rules: Iterable[Rule], now: Milliseconds) -> list[Verdict]:
    """Return what becomes of each tag on an artifact, and of each artifact without one, in the order of `contents`.

    Takes time linear in the units for each rule, but for a sort where one counts the newest.
    """
    asked = [_Asked(unit) for unit in units_of(contents)]
    times = Times(now, contents.uses_since)
    for rule in rules:
        if rule.is_enabled and is_about(rule.selection, contents.repository):
            for each in _selected(asked, rule, times):
                each.note(rule.effect, rule.name)
    for each in asked:
        if _has_expired(each.unit, now):
            each.note(Effect.DELETE_ARTIFACTS, EXPIRY)
            each.note(Effect.DELETE_TAGS, EXPIRY)
    together: defaultdict[Digest, list[_Asked]] = defaultdict(list)
    for each in asked:
        together[each.unit.artifact.digest].append(each)
    gone = {digest for digest, units in together.items() if _all_go(units)}
    return [_verdict(each, is_artifact_gone=each.unit.artifact.digest in gone) for each in asked]


def units_of(contents: Contents) -> list[Unit]:
    """Return what rules select one by one: the tags that are on artifacts, and the artifacts without one."""
    artifacts = {artifact.digest: artifact for artifact in contents.artifacts}
    tagged = {tag.digest for tag in contents.tags}
    tags = [Unit(artifacts[tag.digest], tag) for tag in contents.tags if tag.digest in artifacts]
    return tags + [Unit(artifact, None) for artifact in contents.artifacts if artifact.digest not in tagged]


def _selected(asked: Sequence[_Asked], rule: Rule, times: Times) -> list[_Asked]:
    selection = rule.selection
    criteria = criteria_of(selection, times, if_unknown=rule.effect is Effect.KEEP)
    # A rule that deletes tags says nothing about what has none.
    found = [each for each in asked if each.unit.tag or rule.effect is not Effect.DELETE_TAGS]
    for holds in criteria:
        found = [each for each in found if holds(each.unit)]
    if selection.newest is None:
        return found
    return _by_newest(found, selection.newest, is_keeping=rule.effect is Effect.KEEP)


def _by_newest(found: list[_Asked], newest: Newest, *, is_keeping: bool) -> list[_Asked]:
    """Return those of the newest artifacts, or those of all others.

    What has no version is neither by version; what an index holds never is, as the index counts for it.
    """
    ranks = {id(each): _rank(each.unit, newest.by) for each in found}
    ranked = [each for each in found if ranks[id(each)] is not None]
    ranked.sort(key=lambda each: (ranks[id(each)], each.unit.artifact.digest), reverse=True)
    first: dict[Digest, None] = {}
    for each in ranked:
        if len(first) >= newest.count:
            break
        first.setdefault(each.unit.artifact.digest)
    return [each for each in ranked if (each.unit.artifact.digest in first) is is_keeping]


def _rank(unit: Unit, by: Order) -> tuple[str, Milliseconds] | None:
    if unit.artifact.is_part:
        return None
    if by is Order.VERSION:
        key = version_key(unit.tag.name) if unit.tag else NO_VERSION
        return None if key == NO_VERSION else (key, unit.came_at)
    if by is Order.PULL:
        return "", max(unit.last_used_at or Milliseconds(0), unit.came_at)
    return "", unit.came_at


def _has_expired(unit: Unit, now: Milliseconds) -> bool:
    return unit.tag is not None and unit.tag.expires_at is not None and unit.tag.expires_at <= now


def _all_go(units: Sequence[_Asked]) -> bool:
    if units[0].unit.artifact.is_part:
        return False
    return all(each.delete_artifacts and not each.stays for each in units)


def _verdict(each: _Asked, *, is_artifact_gone: bool) -> Verdict:
    if reason := each.stays:
        return each.verdict(Fate.KEPT, reason, each.keep)
    if is_artifact_gone:
        reason = "a rule deletes the artifact"
        return each.verdict(Fate.DELETED, reason, each.delete_artifacts, with_artifact=True)
    if each.delete_tags:
        reason = "the tag has expired" if each.delete_tags == (EXPIRY,) else "a rule deletes the tag"
        return each.verdict(Fate.DELETED, reason, each.delete_tags)
    if each.delete_artifacts:
        reason = "an index holds the artifact" if each.unit.artifact.is_part else "another tag of the artifact stays"
        return each.verdict(Fate.KEPT, reason, each.delete_artifacts)
    return each.verdict(Fate.KEPT, "no rule deletes it", ())
