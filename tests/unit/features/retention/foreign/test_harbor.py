# SPDX-License-Identifier: Apache-2.0
"""Tag retention of Harbor: what it comes to, what it would delete, and what cannot be said here."""

from dataclasses import replace
from typing import Any

import pytest

from entrepot.features.retention.errors import ImportRefused
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.foreign.harbor import read_harbor
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Fate
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from tests.unit.features.retention.foreign.test_ecr import images
from tests.unit.features.retention.repositories import DIGESTS
from tests.unit.features.retention.repositories import NOW

ONE, TWO, THREE, FOUR = DIGESTS[:4]
SCHEDULE = {"kind": "Schedule", "settings": {"cron": "0 30 2 * * *"}}


def a_rule(
    template: str = "always", count: int = 0, tags: str = "**", repositories: str = "**", **more: Any
) -> dict[str, Any]:
    """Make a rule that retains."""
    selector = {"kind": "doublestar", "decoration": "matches", "pattern": tags, "extras": '{"untagged":false}'}
    scope = [{"kind": "doublestar", "decoration": "repoMatches", "pattern": repositories}]
    return {
        "disabled": False,
        "action": "retain",
        "template": template,
        "params": {template: count} if count else {},
        "tag_selectors": [{**selector, **more}],
        "scope_selectors": {"repository": scope},
    }


def both(rules: list[dict[str, Any]], contents: Contents) -> tuple[set[Digest], set[Digest]]:
    """Return the artifacts that go there, and those that go here."""
    imported = read_harbor({"algorithm": "or", "rules": rules}, "team")
    here = evaluate(contents, imported.terms.rules, NOW)
    return imported.deletes(contents, NOW), {each.digest for each in here if each.fate is Fate.DELETED}


@pytest.mark.parametrize(
    ("rules", "goes"),
    [
        ([a_rule("latestPushedK", 2)], {THREE, FOUR}),
        ([a_rule("nDaysSinceLastPush", 30)], {THREE, FOUR}),
        ([a_rule(tags="{1,2}.*"), a_rule("lastXDays", 2)], {TWO, FOUR}),
        ([a_rule(tags="**", extras='{"untagged":true}')], set()),
        ([a_rule(tags="pr-*", decoration="excludes")], {ONE, TWO, FOUR}),
        ([a_rule(tags="main", repositories="other")], set()),
        ([a_rule(tags="main"), {**a_rule(), "disabled": True}], {ONE, TWO, THREE, FOUR}),
    ],
)
def test_what_both_say_the_same_of(rules: list[dict[str, Any]], goes: set[Digest]) -> None:
    """What no rule keeps goes; a repository that no rule is about is left alone."""
    found = images((0, 1, ("pr-1",)), (1, 20, ("pr-2",)), (2, 40, ("1.0",)), (3, 50, ()))
    assert both(rules, found) == (goes, goes)


def test_what_was_never_pulled_goes_there_and_stays_here() -> None:
    """For thirty days at least."""
    found = replace(images((0, 10, ("main",))), uses_since=Milliseconds(NOW - 10 * DAY_MS))
    assert both([a_rule("nDaysSinceLastPull", 7)], found) == ({ONE}, set())


def test_a_repository_is_named_within_the_project() -> None:
    """As there; its schedule begins with seconds, which there are none of here."""
    imported = read_harbor({"rules": [a_rule("latestPushedK", 1, repositories="web/*")], "trigger": SCHEDULE}, "team")
    assert imported.terms.cron == "30 2 * * *"
    assert imported.terms.rules[0].selection.repositories == ("team/web/*",)
    elsewhere = replace(images((0, 1, ("a",)), (1, 2, ("b",))), repository=RepositoryName("team/web/api"))
    assert imported.deletes(elsewhere, NOW) == {TWO}
    assert {each.fate for each in evaluate(images((0, 1, ("a",))), imported.terms.rules, NOW)} == {Fate.KEPT}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (a_rule("unheard-of"), "unknown template"),
        (a_rule(tags="v[0-9]"), "only"),
        (a_rule(tags="{" + ",".join("abcdefghijklmnopqrstuvwxyz") + "}"), "alternatives"),
        ({**a_rule(), "tag_selectors": []}, "0 tag_selectors"),
        ({**a_rule(), "action": "delete"}, "does not retain"),
        ({**a_rule(), "scope_selectors": {"repository": [{"decoration": "repoExcludes", "pattern": "x"}]}}, "repoMat"),
        ({**a_rule(), "disabled": True}, "no rule that counts"),
    ],
)
def test_what_cannot_be_said_here_is_refused(rule: dict[str, Any], says: str) -> None:
    """Whole, and nothing is left out in silence."""
    with pytest.raises(ImportRefused, match=says):
        read_harbor({"rules": [rule]}, "team")
