# SPDX-License-Identifier: Apache-2.0
"""Targets: what rules of retention are made of, and policies of other registries."""

from typing import Any

from hypothesis import strategies as st

from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.expressions import compile_expression
from entrepot.features.retention.foreign.ecr import read_ecr
from entrepot.features.retention.foreign.harbor import read_harbor
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Tag
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.durations import MAX_MS
from entrepot.kernel.durations import parse_duration
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.version_range import parse_range
from tests.fuzz.inputs import DIGEST
from tests.fuzz.inputs import json_values
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

NOW = Milliseconds(1_800_000_000_000)
TAGS = ("1.0", "1.0.1-rc.1", "v2", "latest", "a" * 128, "1." * 60 + "0")
HELD = Contents(
    RepositoryName("team/app"),
    (Artifact(Digest(DIGEST), NOW),),
    tuple(Tag(TagName(name), Digest(DIGEST), NOW) for name in TAGS),
    NOW,
)
_SELECTION = {
    "tagStatus": st.sampled_from(["tagged", "untagged", "any"]),
    "tagPatternList": st.lists(near("pr*", "*"), max_size=2),
    "countType": st.sampled_from(["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled"]),
    "countUnit": st.just("days"),
    "countNumber": st.integers(-1, 9),
}
_ECR_RULE = {
    "rulePriority": st.integers(0, 5),
    "selection": json_values() | st.fixed_dictionaries(_SELECTION),
    "action": json_values() | st.just({"type": "expire"}),
}
_HARBOR_RULE = {
    "template": near("always", "latestPushedK", "nDaysSinceLastPull"),
    "params": json_values() | st.dictionaries(near("latestPushedK", "nDaysSinceLastPull"), json_values(), max_size=2),
    "tag_selectors": st.lists(
        st.fixed_dictionaries({"decoration": near("matches"), "pattern": near("**", "v{1,2}.*", "pr-*")}), max_size=2
    ),
    "scope_selectors": st.fixed_dictionaries(
        {"repository": st.just([{"decoration": "repoMatches", "pattern": "**"}]) | json_values()}
    ),
}


def _range(text: str) -> None:
    versions = parse_range(text)
    assert not versions.has("latest")
    for tag in TAGS:
        versions.has(tag)


def _expression(text: str) -> None:
    expression = compile_expression(text)
    for tag in TAGS:
        expression.fullmatch(tag)


def _duration(text: str) -> None:
    assert 0 < parse_duration(text) <= MAX_MS


def _ecr(rules: list[Any]) -> None:
    imported = read_ecr({"rules": rules})
    imported.deletes(HELD, NOW)
    evaluate(HELD, imported.terms.rules, NOW)


def _harbor(rules: list[Any]) -> None:
    imported = read_harbor({"rules": rules}, "team")
    imported.deletes(HELD, NOW)
    evaluate(HELD, imported.terms.rules, NOW)


TARGETS: tuple[Target, ...] = (
    target("version range", parse_range, near(">=1.2 <2", "^1.4 || ~2.0.1", "1.2 - 1.4", "1.x", "*"), _range),
    target("expression", compile_expression, near("build-[0-9]+", "(a|b)*c{2,9}", r"v\d+"), _expression),
    target("duration", parse_duration, near("7d", "12h", "2w"), _duration),
    target("policy of ECR", read_ecr, st.lists(json_values() | st.fixed_dictionaries(_ECR_RULE), max_size=3), _ecr),
    target(
        "policy of Harbor",
        read_harbor,
        st.lists(json_values() | st.fixed_dictionaries(_HARBOR_RULE), max_size=3),
        _harbor,
    ),
)
