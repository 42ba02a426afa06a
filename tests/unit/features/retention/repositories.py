# SPDX-License-Identifier: Apache-2.0
"""Repositories and rules of every kind, small enough that they often meet."""

from hypothesis import strategies as st

from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Newest
from entrepot.features.retention.models import Order
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.models import Tag
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName

NOW = Milliseconds(1_000 * DAY_MS)
DIGESTS = [Digest(f"sha256:{number:064x}") for number in range(6)]
TAGS = [TagName(name) for name in ("latest", "main", "1.0", "1.1", "1.2-rc.1", "v2.0", "pr-1", "pr-2")]
TYPES = ["text/sbom", "text/signature"]
REPOSITORY = RepositoryName("team/app")

DAYS = st.integers(0, 60)
moments = DAYS.map(lambda days: Milliseconds(NOW - days * DAY_MS))
maybe_moments = st.none() | moments
protections = st.sampled_from(["", "", "", "a hold"])

artifacts = st.builds(
    Artifact,
    st.sampled_from(DIGESTS),
    moments,
    st.integers(0, 3),
    last_used_at=maybe_moments,
    artifact_types=st.sampled_from([("image",), ("chart", "text/chart")]),
    is_part=st.sampled_from([False, False, True]),
    is_known=st.sampled_from([True, True, False]),
    labels=st.frozensets(st.sampled_from(["team=web", "team=db"])),
    referrers=st.frozensets(st.sampled_from(TYPES)),
    protection=protections,
)
tags = st.builds(
    Tag, st.sampled_from(TAGS), st.sampled_from(DIGESTS), moments, maybe_moments, protections, maybe_moments
)
contents = st.builds(
    Contents,
    st.just(REPOSITORY),
    st.lists(artifacts, max_size=6, unique_by=lambda artifact: artifact.digest).map(tuple),
    st.lists(tags, max_size=8, unique_by=lambda tag: tag.name).map(tuple),
    moments,
)

named = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(["*", "pr-*", "1.*", "latest"]), min_size=1, max_size=2).map(tuple),
        "tag_expressions": st.just((r"(pr|v)-?[0-9.]+",)),
        "except_tags": st.just(("latest",)),
        "versions": st.sampled_from(["*", "^1", "<1.1"]),
        "is_tagged": st.just(True),
    },
)
without_tags = st.just({"is_tagged": False})
others = st.fixed_dictionaries(
    {},
    optional={
        "repositories": st.sampled_from([("team/**",), ("other/**",)]),
        "artifact_types": st.just(("chart",)),
        "labels": st.just(("team=web",)),
        "older_than_days": DAYS,
        "newer_than_days": DAYS,
        "unused_for_days": DAYS,
        "used_within_days": DAYS,
        "larger_than_bytes": st.integers(0, 2),
        "with_referrer": st.sampled_from(TYPES),
        "without_referrer": st.sampled_from(TYPES),
        "newest": st.builds(Newest, st.integers(1, 3), st.sampled_from(Order)),
    },
)
selections = st.builds(
    lambda names, more: Selection(**{**names, **more}),
    named | without_tags,
    others,
)


def _is_rule(effect: Effect, selection: Selection) -> bool:
    if effect is not Effect.KEEP and selection.says_nothing:
        return False
    return effect is not Effect.DELETE_TAGS or selection.is_tagged is not False


effects_and_selections = st.tuples(st.sampled_from(Effect), selections).filter(lambda each: _is_rule(*each))
rules = st.lists(
    st.builds(lambda each, enabled: (*each, enabled), effects_and_selections, st.sampled_from([True, True, False])),
    max_size=4,
).map(lambda found: [Rule(f"rule-{number}", *each) for number, each in enumerate(found)])
