# SPDX-License-Identifier: Apache-2.0
"""Promotions as they are decided about: whatever people do in whatever order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.copies import Asker
from entrepot.features.groups import parse_member
from entrepot.features.promotions.errors import PathInvalid
from entrepot.features.promotions.errors import PromotionInvalid
from entrepot.features.promotions.models import FOLLOWS
from entrepot.features.promotions.models import Decision
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.models import Verdict
from entrepot.features.promotions.models import counted
from entrepot.features.promotions.models import decided
from entrepot.features.promotions.models import fits
from entrepot.features.promotions.models import running
from entrepot.features.promotions.models import stands
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.paths import Terms
from entrepot.features.promotions.paths import check_terms
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from tests.builders.manifests import an_image_manifest

PEOPLE = ("user:ada", "user:bob", "user:cleo", "user:dan")
WAITING = Promotion(
    id=Ulid("01JD2F7ZK3Q8V5T6X9Y0B1C2D4"),
    path_id=Ulid("01JD2F7ZK3Q8V5T6X9Y0B1C2D5"),
    path="release",
    project="prod",
    source=RepositoryName("dev/app"),
    target=RepositoryName("prod/app"),
    digest=digest_of(b"x"),
    media_type=an_image_manifest().media_type,
    size=1,
    tag=TagName("1.0"),
    tags=(TagName("1.0"),),
    note="",
    asker=Asker("user:dan"),
    requested_at=Milliseconds(0),
    expires_at=Milliseconds(1_000),
)


def a_path(**terms: object) -> Path:
    """Build a path from dev into prod."""
    said = replace(Terms("dev", approvals=2, approvers=(parse_member("ada"),)), **terms)  # type: ignore[arg-type]
    at = Milliseconds(0)
    return Path(WAITING.path_id, "prod", "release", said, 1, at, at, "user:root")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.REFUSE]),
        st.integers(0, 4),
        st.booleans(),
        st.frozensets(st.sampled_from(PEOPLE)),
    ),
    max_size=8,
)


@given(STEPS)
def test_whatever_people_do_it_runs_by_enough_who_may(
    steps: list[tuple[str, Verdict, int, bool, frozenset[str]]],
) -> None:
    """One refusal ends it; it runs by as many different people as are asked for then; what has ended stays so."""
    promotion = WAITING
    for number, (who, verdict, approvals, own, able) in enumerate(steps):
        path = a_path(approvals=approvals, own_request_counts=own)
        may = dict.fromkeys(able, True)
        if promotion.stored is not PromotionState.WAITING:
            with pytest.raises(ValueError, match=r"does not become|is not carried out"):
                running(promotion, approvals, Asker(who)).ended(PromotionState.REFUSED, Milliseconds(number))
            continue
        if promotion.has_decided(who):
            continue
        promotion = decided(promotion, Decision(who, verdict, Milliseconds(number)), path, may, Asker(who))
        counts = {each.by for each in promotion.approvals} & able - (set() if own else {"user:dan"})
        is_enough = verdict is Verdict.APPROVE and len(counts) >= max(approvals, 1)
        wanted = PromotionState.RUNNING if is_enough else PromotionState.WAITING
        assert promotion.stored is (PromotionState.REFUSED if verdict is Verdict.REFUSE else wanted)
        assert {each.by for each in counted(path, promotion, may)} == counts
    if promotion.stored is PromotionState.RUNNING:
        assert promotion.needed is not None
        assert len({each.by for each in promotion.approvals}) >= promotion.needed >= 1


@given(st.sampled_from(list(PromotionState)), st.sampled_from(list(PromotionState)))
def test_a_state_follows_on_those_that_it_may(before: PromotionState, after: PromotionState) -> None:
    """And on no other: nothing that has ended goes on."""
    promotion = replace(WAITING, stored=before)

    if before in FOLLOWS.get(after, ()):
        assert promotion.ended(after, Milliseconds(5), "why").stored is after
    else:
        with pytest.raises((ValueError, KeyError)):
            promotion.ended(after, Milliseconds(5))


@given(st.frozensets(st.sampled_from(PEOPLE)), st.integers(0, 3), st.sampled_from(PEOPLE))
def test_what_is_carried_out_stands_on_who_still_may(able: frozenset[str], needed: int, last: str) -> None:
    """Among them whoever it is done for; what took nobody is done for who asked."""
    promotion = running(WAITING, needed, Asker(last))
    approvals = [Decision(who, Verdict.APPROVE, Milliseconds(0)) for who in able]

    assert stands(promotion, approvals) is (needed == 0 or (last in able and len(able) >= needed))


def test_nobody_is_asked_any_more_once_its_time_is_over() -> None:
    """Whether somebody has noted that or not."""
    assert WAITING.state(Milliseconds(999)) is PromotionState.WAITING
    assert WAITING.state(Milliseconds(1_000)) is PromotionState.EXPIRED


@pytest.mark.parametrize(
    ("terms", "source", "target"),
    [
        ({}, "dev/app", "prod/app"),
        ({}, "dev/web/api", "prod/web/api"),
        ({}, "dev", "prod"),
        ({"prefix": "prod/in"}, "dev/app", "prod/in/app"),
        ({"prefix": "prod/in"}, "dev", "prod/in"),
        ({"repositories": "dev/web/**"}, "dev/web/api", "prod/web/api"),
        ({"repositories": "dev/web/**"}, "dev/app", ""),
        ({}, "test/app", ""),
    ],
)
def test_where_a_path_leads(terms: dict[str, object], source: str, target: str) -> None:
    """Below the target project, or the name that is given; what it is not about is refused."""
    path = a_path(**terms)
    if target:
        assert path.target_of(RepositoryName(source)) == target
    else:
        with pytest.raises(PromotionInvalid):
            path.target_of(RepositoryName(source))


def test_tags_that_are_derived_are_not_promoted_alone() -> None:
    """They come along with what they are about."""
    with pytest.raises(PromotionInvalid):
        a_path().tags_of(TagName(f"sha256-{'0' * 64}.sig"))
    assert a_path(tag_suffix="-stable").tags_of(TagName("1.0")) == ("1.0-stable",)
    assert a_path().tags_of(None) == ()


def test_a_promotion_fits_the_path_it_was_asked_for_along() -> None:
    """Until that leads elsewhere."""
    assert fits(a_path(), WAITING)
    assert not fits(a_path(tag_suffix="-x"), WAITING)
    assert not fits(a_path(prefix="prod/x"), WAITING)
    assert not fits(a_path(tags="v*"), WAITING)


def test_a_path_into_its_own_project_leads_somewhere_else_there() -> None:
    """Below a name that is given."""
    check_terms("prod", Terms("prod", prefix="prod/done"))
    with pytest.raises(PathInvalid):
        check_terms("prod", Terms("prod", prefix="prod"))
