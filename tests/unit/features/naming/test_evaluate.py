# SPDX-License-Identifier: Apache-2.0
"""What rules about names allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming import store
from entrepot.features.naming.errors import NamingInvalid
from entrepot.features.naming.evaluate import ReadRule
from entrepot.features.naming.models import Rule

NAMES = st.lists(st.sampled_from(["team/*-svc", "team/lib/**"]), max_size=2).map(tuple)
TAGS = st.lists(st.sampled_from(["v*", "main"]), max_size=2).map(tuple)
TYPES = st.lists(st.sampled_from(ArtifactType), min_size=1, max_size=3).map(tuple)
RULES = st.builds(Rule, repositories=st.just("team/**"), names=NAMES, tags=TAGS, artifact_types=TYPES)


def a_rule(**terms: tuple[str, ...]) -> ReadRule:
    """Read a rule about a project."""
    return ReadRule("team", 1, Rule("team/**", **terms))  # type: ignore[arg-type]


def test_one_pattern_of_a_kind_is_enough() -> None:
    """What a rule says nothing about is free."""
    rule = a_rule(tags=("v*", "main"))

    assert [rule.allows_tag(tag) for tag in ("v1", "main", "latest")] == [True, True, False]
    assert rule.allows_repository("team/anything")
    assert rule.allows_type(ArtifactType.MODEL)


def test_an_index_is_of_images() -> None:
    """Where those are allowed."""
    images, charts = a_rule(artifact_types=(ArtifactType.IMAGE,)), a_rule(artifact_types=(ArtifactType.CHART,))

    assert [each.allows_type(ArtifactType.INDEX) for each in (images, charts)] == [True, False]
    assert [each.allows_type(ArtifactType.CHART) for each in (images, charts)] == [False, True]


def test_a_rule_that_says_nothing_is_none() -> None:
    """It would be a mistake."""
    with pytest.raises(NamingInvalid, match="allows everything"):
        Rule("team/**")


@given(st.lists(RULES))
def test_rules_are_read_as_they_were_stored(rules: list[Rule]) -> None:
    """In order."""
    assert store.decode(store.encode(rules)) == tuple(rules)
