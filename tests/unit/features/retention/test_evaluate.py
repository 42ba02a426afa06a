# SPDX-License-Identifier: Apache-2.0
"""What becomes of tags and artifacts."""

import time

import pytest
from hypothesis import given
from hypothesis import settings

from entrepot.features.retention.errors import RetentionRuleInvalid
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Newest
from entrepot.features.retention.models import Order
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.models import Tag
from entrepot.features.retention.models import Verdict
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from tests.unit.features.retention.naive import Naive
from tests.unit.features.retention.repositories import DIGESTS
from tests.unit.features.retention.repositories import NOW
from tests.unit.features.retention.repositories import REPOSITORY
from tests.unit.features.retention.repositories import contents as all_contents
from tests.unit.features.retention.repositories import rules as all_rules

ONE, OTHER, THIRD = DIGESTS[:3]
PLENTY = 100_000


def ago(days: float) -> Milliseconds:
    """Return the moment so many days before now."""
    return Milliseconds(int(NOW - days * DAY_MS))


def a_tag(name: str, digest: Digest = ONE, days: float = 100, used: float | None = None) -> Tag:
    """Make a tag that was set so long ago."""
    return Tag(TagName(name), digest, ago(days), None if used is None else ago(used))


def an_artifact(digest: Digest = ONE, days: float = 100, used: float | None = None) -> Artifact:
    """Make an artifact that was pushed so long ago."""
    return Artifact(digest, ago(days), 10, last_used_at=None if used is None else ago(used))


def contents(*found: Tag | Artifact, uses_since: float = 500) -> Contents:
    """Make a repository; each tag's artifact is there."""
    tags = tuple(each for each in found if isinstance(each, Tag))
    given = {each.digest: each for each in found if isinstance(each, Artifact)}
    for tag in tags:
        given.setdefault(tag.digest, an_artifact(tag.digest))
    return Contents(REPOSITORY, tuple(given.values()), tags, ago(uses_since))


def gone(found: Contents, *rules: Rule) -> set[str]:
    """Return the tags that go, and the digests of artifacts that do."""
    deleted = [each for each in evaluate(found, rules, NOW) if each.fate is Fate.DELETED]
    return {each.tag for each in deleted if each.tag} | {
        each.digest for each in deleted if each.with_artifact or not each.tag
    }


def deleting(effect: Effect = Effect.DELETE_ARTIFACTS, **selection: object) -> Rule:
    """Make a rule that deletes."""
    return Rule("old", effect, Selection(**selection))  # type: ignore[arg-type]


def keeping(**selection: object) -> Rule:
    """Make a rule that keeps."""
    return Rule("kept", Effect.KEEP, Selection(**selection))  # type: ignore[arg-type]


@given(all_contents, all_rules)
@settings(max_examples=500)
def test_a_naive_evaluator_agrees(found: Contents, rules: list[Rule]) -> None:
    """Of everything, once."""
    verdicts = evaluate(found, rules, NOW)
    naive = Naive(found, rules, NOW)

    assert {(each.digest, each.tag) for each in verdicts if each.fate is Fate.DELETED} == naive.deleted()
    assert sorted((each.digest, each.tag or "") for each in verdicts) == sorted(
        (artifact.digest, tag.name if tag else "") for artifact, tag in naive.all()
    )


@given(all_contents, all_rules)
@settings(max_examples=300)
def test_what_a_rule_keeps_is_never_deleted(found: Contents, rules: list[Rule]) -> None:
    """Nor is what is protected, whatever the rules say; and each verdict names the rules that it rests on."""
    naive = Naive(found, rules, NOW)
    kept = {(artifact.digest, tag.name if tag else None) for artifact, tag in naive.all() if naive.stays(artifact, tag)}
    verdicts = evaluate(found, rules, NOW)

    assert not kept & {(each.digest, each.tag) for each in verdicts if each.fate is Fate.DELETED}
    assert all(each.rules for each in verdicts if each.fate is Fate.DELETED)
    whole = {each.digest for each in verdicts if each.with_artifact}
    assert not whole & {each.digest for each in verdicts if each.fate is Fate.KEPT}


def test_a_rule_about_tags_deletes_tags_only() -> None:
    """The artifact stays, also without a tag, and so does another tag on it."""
    found = contents(a_tag("pr-1"), a_tag("main"), a_tag("pr-2", OTHER))
    assert gone(found, deleting(Effect.DELETE_TAGS, tags=("pr-*",))) == {"pr-1", "pr-2"}


def test_an_artifact_goes_when_all_its_tags_are_selected() -> None:
    """One tag that is not selected keeps it, and the selected ones beside it."""
    found = contents(a_tag("pr-1"), a_tag("main"), a_tag("pr-2", OTHER), a_tag("pr-3", OTHER))
    assert gone(found, deleting(tags=("pr-*",))) == {"pr-2", "pr-3", OTHER}


def test_keep_wins() -> None:
    """Whichever rule comes first."""
    found = contents(a_tag("1.0"), a_tag("pr-2", OTHER))
    rules = deleting(older_than_days=1), keeping(versions="*")
    assert gone(found, *rules) == gone(found, *reversed(rules)) == {"pr-2", OTHER}


def test_tags_on_one_artifact_count_once() -> None:
    """Two newest are two artifacts, with all their tags."""
    found = contents(
        a_tag("a", ONE, 1), a_tag("b", ONE, 2), a_tag("c", OTHER, 3), a_tag("d", THIRD, 4), a_tag("e", ONE, 9)
    )
    assert gone(found, deleting(newest=Newest(2))) == {"d", THIRD}


def test_the_newest_of_versions_are_the_greatest() -> None:
    """Whenever they were pushed; what is no version is left alone."""
    found = contents(a_tag("1.10", ONE, 50), a_tag("1.9", OTHER, 1), a_tag("main", THIRD, 90))
    assert gone(found, deleting(newest=Newest(1, Order.VERSION))) == {"1.9", OTHER}


def test_what_nobody_was_seen_to_use_is_not_old() -> None:
    """It counts from when uses are recorded; and for a grace at least."""
    rule = deleting(unused_for_days=7)
    assert gone(contents(an_artifact(days=100), uses_since=29), rule) == set()
    assert gone(contents(an_artifact(days=100), uses_since=30), rule) == {ONE}
    assert gone(contents(an_artifact(days=29)), rule) == set()
    assert gone(contents(an_artifact(days=100, used=7)), rule) == {ONE}
    assert gone(contents(an_artifact(days=100, used=6)), rule) == set()


def test_a_tag_that_was_just_set_on_something_old_is_new() -> None:
    """A release that was tagged once more begins anew."""
    assert gone(contents(a_tag("1.0", days=1), an_artifact(days=400)), deleting(older_than_days=30)) == set()


def test_everything_has_a_reason() -> None:
    """Also what stays."""
    protected = Artifact(THIRD, ago(100), 10, protection="held for the law: case 7")
    found = contents(a_tag("1.0"), a_tag("pr-1"), a_tag("pr-2", OTHER), protected)
    verdicts = evaluate(found, [deleting(tags=("pr-*",)), keeping(tags=("1.*",))], NOW)

    assert verdicts == [
        Verdict(ONE, TagName("1.0"), Fate.KEPT, "a rule keeps it", ("kept",)),
        Verdict(ONE, TagName("pr-1"), Fate.KEPT, "another tag of the artifact stays", ("old",)),
        Verdict(OTHER, TagName("pr-2"), Fate.DELETED, "a rule deletes the artifact", ("old",), with_artifact=True),
        Verdict(THIRD, None, Fate.KEPT, "held for the law: case 7"),
    ]


def test_a_hundred_thousand_tags_are_quickly_judged() -> None:
    """By four rules, in some seconds at most on the slowest machine."""
    digests = [Digest(f"sha256:{number:064x}") for number in range(PLENTY)]
    found = Contents(
        REPOSITORY,
        tuple(an_artifact(digest) for digest in digests),
        tuple(a_tag(f"1.0.{number}", digest, number % 90) for number, digest in enumerate(digests)),
        ago(500),
    )
    rules = [
        keeping(versions="^2"),
        keeping(newest=Newest(10, Order.VERSION)),
        deleting(tags=("1.*",), older_than_days=30),
        deleting(Effect.DELETE_TAGS, unused_for_days=60, except_tags=("latest",)),
    ]
    began = time.process_time()
    verdicts = evaluate(found, rules, NOW)

    assert time.process_time() - began < 10
    assert len(verdicts) == PLENTY


def test_what_is_not_known_yet_is_kept_if_a_rule_would_keep_it() -> None:
    """And not deleted because of what it may be."""
    keep = Rule("keep", Effect.KEEP, Selection(labels=("stay",)))
    pushed = Artifact(ONE, ago(9), is_known=False)

    assert gone(contents(pushed), keep, deleting(older_than_days=1)) == set()
    assert gone(contents(pushed), deleting(labels=("go",))) == set()
    assert gone(contents(pushed), deleting(larger_than_bytes=0)) == set()
    assert gone(contents(Artifact(ONE, ago(9))), keep, deleting(older_than_days=1)) == {ONE}


def test_a_tag_that_has_expired_goes() -> None:
    """With its artifact where it is the last, alone otherwise; and not where a rule keeps it."""
    expired = Tag(TagName("pr-1"), ONE, ago(9), expires_at=ago(0))
    keep = Rule("keep", Effect.KEEP, Selection(tags=("pr-*",)))

    assert gone(contents(expired)) == {"pr-1", ONE}
    assert gone(contents(expired, a_tag("main"))) == {"pr-1"}
    assert gone(contents(Tag(TagName("pr-1"), ONE, ago(9), expires_at=ago(-1)))) == set()
    assert gone(contents(expired), keep) == set()


def test_expressions_are_read_in_linear_time() -> None:
    """As RE2 has them, over whole tags."""
    rule = deleting(tag_expressions=(r"(build|ci)-[0-9]+", "(a|a)*b"))
    assert gone(contents(a_tag("build-7"), a_tag("build-7x", OTHER), a_tag("a" * 120, THIRD)), rule) == {"build-7", ONE}
    with pytest.raises(RetentionRuleInvalid, match="no regular expression"):
        Selection(tag_expressions=(r"(?=x)x",))


def test_a_rule_that_deletes_tags_says_nothing_of_what_has_none() -> None:
    """Whatever else it selects by, and however many of the newest it spares."""
    found = contents(an_artifact(ONE, 1), a_tag("a", OTHER, 2), a_tag("b", THIRD, 3))
    assert gone(found, deleting(Effect.DELETE_TAGS, larger_than_bytes=1)) == {"a", "b"}
    assert gone(found, deleting(Effect.DELETE_TAGS, newest=Newest(1))) == {"b"}
