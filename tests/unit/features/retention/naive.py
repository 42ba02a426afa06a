# SPDX-License-Identifier: Apache-2.0
"""What becomes of a repository's tags and artifacts, said as plainly and slowly as can be: one question at a time."""

import re

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Order
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.models import Tag
from entrepot.kernel.clock import DAY_MS
from entrepot.oci.version_order import version_key
from entrepot.oci.version_range import parse_range

Named = tuple[str, str | None]
"""A digest, and a tag or None."""


class Naive:
    """A repository at a moment, and the rules that it is under."""

    def __init__(self, contents: Contents, rules: list[Rule], now: int) -> None:
        self.contents, self.now = contents, now
        self.rules = [rule for rule in rules if rule.is_enabled and self.is_here(rule)]

    def is_here(self, rule: Rule) -> bool:
        """Tell whether a rule is about the repository."""
        if not rule.selection.repositories:
            return True
        return any(parse_pattern(each).matches(self.contents.repository) for each in rule.selection.repositories)

    def deleted(self) -> set[Named]:
        """Return what goes."""
        return {
            (artifact.digest, tag.name if tag else None) for artifact, tag in self.all() if self.goes(artifact, tag)
        }

    def all(self) -> list[tuple[Artifact, Tag | None]]:
        """Return every tag with its artifact, and every artifact without a tag."""
        found: list[tuple[Artifact, Tag | None]] = []
        for artifact in self.contents.artifacts:
            tags = self.tags_of(artifact)
            found += [(artifact, tag) for tag in tags] if tags else [(artifact, None)]
        return found

    def tags_of(self, artifact: Artifact) -> list[Tag]:
        """Return the tags on an artifact."""
        return [tag for tag in self.contents.tags if tag.digest == artifact.digest]

    def goes(self, artifact: Artifact, tag: Tag | None) -> bool:
        """Tell whether one goes."""
        if self.stays(artifact, tag):
            return False
        if self.has_expired(tag):
            return True
        if any(rule.effect is Effect.DELETE_TAGS and self.selects(rule, artifact, tag) for rule in self.rules):
            return True
        if artifact.is_part:
            return False
        siblings: list[Tag | None] = [*self.tags_of(artifact)] or [None]
        return all(
            not self.stays(artifact, each) and (self.has_expired(each) or self.is_selected(artifact, each))
            for each in siblings
        )

    def has_expired(self, tag: Tag | None) -> bool:
        """Tell whether somebody said that a tag goes by now."""
        return tag is not None and tag.expires_at is not None and tag.expires_at <= self.now

    def is_selected(self, artifact: Artifact, tag: Tag | None) -> bool:
        """Tell whether a rule deletes an artifact for one of its tags."""
        return any(rule.effect is Effect.DELETE_ARTIFACTS and self.selects(rule, artifact, tag) for rule in self.rules)

    def stays(self, artifact: Artifact, tag: Tag | None) -> bool:
        """Tell whether something protects it, or keeps it."""
        if artifact.protection or (tag is not None and tag.protection):
            return True
        return any(rule.effect is Effect.KEEP and self.selects(rule, artifact, tag) for rule in self.rules)

    def selects(self, rule: Rule, artifact: Artifact, tag: Tag | None) -> bool:
        """Tell whether a rule selects one."""
        selection = rule.selection
        if not self.is_chosen(rule, artifact, tag):
            return False
        if selection.newest is None:
            return True
        mine = self.rank(selection.newest.by, artifact, tag)
        if mine is None:
            return False
        best: dict[str, tuple[str, int]] = {}
        for other, its in self.all():
            rank = self.rank(selection.newest.by, other, its)
            if rank is not None and self.is_chosen(rule, other, its):
                best[other.digest] = max(rank, best.get(other.digest, rank))
        newer = sum((best[digest], digest) > (best[artifact.digest], artifact.digest) for digest in best)
        return (newer < selection.newest.count) is (rule.effect is Effect.KEEP)

    def is_chosen(self, rule: Rule, artifact: Artifact, tag: Tag | None) -> bool:
        """Tell whether all holds but `newest`."""
        selection, is_keeping = rule.selection, rule.effect is Effect.KEEP
        if rule.effect is Effect.DELETE_TAGS and tag is None:
            return False
        return (
            self.has_name(selection, tag)
            and self.has_content(selection, artifact, if_unknown=is_keeping)
            and self.is_old(selection, artifact, tag)
        )

    def has_name(self, selection: Selection, tag: Tag | None) -> bool:
        """Tell whether a tag is called as it should be."""
        if selection.is_tagged is True and tag is None:
            return False
        if selection.is_tagged is False and tag is not None:
            return False
        if tag is None:
            return not (selection.tags or selection.tag_expressions or selection.versions)
        expressions = [*map(parse_tag_pattern, selection.tags), *map(re.compile, selection.tag_expressions)]
        if expressions and not any(each.fullmatch(tag.name) for each in expressions):
            return False
        if any(parse_tag_pattern(each).fullmatch(tag.name) for each in selection.except_tags):
            return False
        return not selection.versions or parse_range(selection.versions).has(tag.name)

    def has_content(self, selection: Selection, artifact: Artifact, *, if_unknown: bool) -> bool:
        """Tell whether an artifact is what it should be."""
        least = selection.larger_than_bytes
        if least is not None and not (artifact.size > least if artifact.is_known else if_unknown):
            return False
        if selection.with_referrer and selection.with_referrer not in artifact.referrers:
            return False
        if selection.without_referrer and selection.without_referrer in artifact.referrers:
            return False
        if selection.artifact_types and not set(selection.artifact_types) & set(artifact.artifact_types):
            return False
        has_labels = all(label in artifact.labels for label in selection.labels)
        return has_labels or (if_unknown and not artifact.is_known)

    def is_old(self, selection: Selection, artifact: Artifact, tag: Tag | None) -> bool:
        """Tell whether one is old enough, and unused for long enough."""
        came = tag.set_at if tag else artifact.pushed_at
        if selection.older_than_days is not None and self.now - came < selection.older_than_days * DAY_MS:
            return False
        if selection.newer_than_days is not None and self.now - came >= selection.newer_than_days * DAY_MS:
            return False
        if selection.unused_for_days is not None and not self.is_unused(artifact, tag, selection.unused_for_days):
            return False
        return selection.used_within_days is None or not self.is_unused(artifact, tag, selection.used_within_days)

    def is_unused(self, artifact: Artifact, tag: Tag | None, days: int) -> bool:
        """Tell whether nobody has used one for so long."""
        came = tag.set_at if tag else artifact.pushed_at
        used = tag.last_used_at if tag else artifact.last_used_at
        if used is not None:
            return self.now - max(used, came) >= days * DAY_MS
        return self.now - max(came, self.contents.uses_since) >= max(30, days) * DAY_MS

    def rank(self, by: Order, artifact: Artifact, tag: Tag | None) -> tuple[str, int] | None:
        """Return what says which is newer."""
        if artifact.is_part:
            return None
        came = tag.set_at if tag else artifact.pushed_at
        if by is Order.VERSION:
            key = version_key(tag.name) if tag else ""
            return (key, came) if key else None
        used = tag.last_used_at if tag else artifact.last_used_at
        return ("", max(used or 0, came)) if by is Order.PULL else ("", came)
