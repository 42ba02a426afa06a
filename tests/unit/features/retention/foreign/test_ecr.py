# SPDX-License-Identifier: Apache-2.0
"""Lifecycle policies of Amazon ECR: what they come to, what they would expire, and what cannot be said here."""

from typing import Any

import pytest

from entrepot.features.retention.errors import ImportRefused
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.foreign.ecr import read_ecr
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Tag
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from tests.unit.features.retention.repositories import DIGESTS
from tests.unit.features.retention.repositories import NOW
from tests.unit.features.retention.repositories import REPOSITORY


def a_rule(priority: int, **selection: Any) -> dict[str, Any]:
    """Make a rule that expires images."""
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def older(days: int) -> dict[str, Any]:
    """Return what selects images pushed so long ago."""
    return {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}


def images(*found: tuple[int, int, tuple[str, ...]]) -> Contents:
    """Make a repository of images, each a number, how many days old it is, and its tags."""
    artifacts, tags = [], []
    for number, days, names in found:
        at = Milliseconds(NOW - days * DAY_MS)
        artifacts.append(Artifact(DIGESTS[number], at))
        tags += [Tag(TagName(name), DIGESTS[number], at) for name in names]
    return Contents(REPOSITORY, tuple(artifacts), tuple(tags), Milliseconds(0))


def both(document: dict[str, Any], contents: Contents) -> tuple[set[Digest], set[Digest]]:
    """Return the artifacts that go there, and those that go here."""
    imported = read_ecr(document)
    here = evaluate(contents, imported.terms.rules, NOW)
    return imported.deletes(contents, NOW), {each.digest for each in here if each.fate is Fate.DELETED}


ONE, TWO, THREE, FOUR = DIGESTS[:4]


@pytest.mark.parametrize(
    ("rules", "goes"),
    [
        ([a_rule(1, tagStatus="untagged", **older(14))], {FOUR}),
        ([a_rule(1, tagStatus="tagged", tagPrefixList=["pr"], **older(14))], {TWO}),
        ([a_rule(1, tagStatus="tagged", tagPatternList=["*.0"], **older(30))], {THREE}),
        ([a_rule(1, tagStatus="any", countType="imageCountMoreThan", countNumber=2)], {THREE, FOUR}),
    ],
)
def test_what_both_say_the_same_of(rules: list[dict[str, Any]], goes: set[Digest]) -> None:
    """By age and by count, tagged or not."""
    found = images((0, 1, ("pr-1",)), (1, 20, ("pr-2",)), (2, 40, ("1.0",)), (3, 50, ()))
    assert both({"rules": rules}, found) == (goes, goes)


def test_an_earlier_rule_keeps_what_it_is_about_from_later_ones() -> None:
    """There by priority, here by tags that the later rules leave out."""
    rules = [
        a_rule(2, tagStatus="any", **older(7)),
        a_rule(1, tagStatus="tagged", tagPrefixList=["prod"], countType="imageCountMoreThan", countNumber=1),
    ]
    found = images((0, 20, ("prod-1",)), (1, 30, ("prod-2",)), (2, 10, ("main",)))
    assert both({"rules": rules}, found) == ({TWO, THREE}, {TWO, THREE})


def test_an_image_with_another_tag_goes_there_and_stays_here() -> None:
    """Which is why every such tag is listed."""
    rules = [a_rule(1, tagStatus="tagged", tagPrefixList=["pr"], **older(7))]
    assert both({"rules": rules}, images((0, 20, ("pr-1", "main")))) == ({ONE}, set())


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({}, "no list 'rules'"),
        ({"rules": []}, "no rule"),
        ({"rules": [a_rule(1, tagStatus="tagged", tagPrefixList=["a", "b"], **older(1))]}, "names 2 patterns"),
        ({"rules": [a_rule(1, tagStatus="any", **older(1)), a_rule(2, tagStatus="untagged", **older(1))]}, "not the"),
        ({"rules": [a_rule(1, tagStatus="any", **older(1)) | {"action": {"type": "transition"}}]}, "does not expire"),
        ({"rules": [a_rule(1, tagStatus="any", countType="sinceImageTransitioned", countNumber=1)]}, "counts by"),
        ({"rules": [a_rule(1, tagStatus="any", **older(1)), a_rule(1, tagStatus="any", **older(1))]}, "the same"),
        ({"rules": [a_rule(0, tagStatus="any", **older(1))]}, "rulePriority"),
        ({"rules": [a_rule(1, tagStatus="any", **older(0))]}, "countNumber"),
        ({"rules": [a_rule(1, tagStatus="any", storageClass="archive", **older(1))]}, "storage class"),
    ],
)
def test_what_cannot_be_said_here_is_refused(document: dict[str, Any], says: str) -> None:
    """Whole, and nothing is left out in silence."""
    with pytest.raises(ImportRefused, match=says):
        read_ecr(document)
