# SPDX-License-Identifier: Apache-2.0
"""Queries for tests with properties: any that can be written, about what there is in tests."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from entrepot.features.artifacts import ArtifactType
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import ArtifactQuery
from entrepot.features.search.terms import Bound
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Never
from entrepot.features.search.terms import Said
from entrepot.features.search.terms import Standing
from entrepot.features.search.terms import Term
from entrepot.kernel.clock import DAY_MS
from tests.unit.features.search import naive

_TEXT = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=' "\\:-='), min_size=1, max_size=12)
_SAID = st.builds(
    Said,
    st.sampled_from(("stage", "team", naive.VENDOR, "nothing")),
    st.sampled_from((None, "dev", "pay", "Acme", "Acme Inc", 'a "b" \\c')),
)
_BOUNDS = st.sampled_from(Bound)
_DAYS = st.builds(Day, _BOUNDS, st.dates(date(2024, 8, 1), date(2024, 10, 5)))
_AGES = st.builds(
    Age,
    st.sampled_from((Bound.UNDER, Bound.OVER)),
    st.sampled_from((1, 7, 14, 30, 365)).map(lambda days: days * DAY_MS),
)
_DIGEST = naive.some_digest()

VALUES: dict[Kind, SearchStrategy[object]] = {
    Kind.WORD: st.sampled_from(("redis", "web", "web api", "cache", "team", "nothing", "app:1", "-x")),
    Kind.TYPE: st.sampled_from([each.value for each in ArtifactType]),
    Kind.PLATFORM: st.sampled_from(("linux", "arm64", "linux/arm64", "linux/arm64/v8", "windows", "v8", "linux/v8")),
    Kind.LABEL: _SAID,
    Kind.ANNOTATION: _SAID,
    Kind.REVISION: st.sampled_from(("abc1", "abc123", "abc999", "ffff0000", "0000")),
    Kind.DIGEST: st.sampled_from((_DIGEST[7:11], _DIGEST[:12], _DIGEST, "ffff")),
    Kind.TAG: st.sampled_from(("1.*", "*", "latest", "Latest", "*.0", "v1_0", "v1*0", "1.0")),
    Kind.SIZE: st.builds(Bytes, _BOUNDS, st.sampled_from((0, 999, 1_000, 5_000_000, 2**40))),
    Kind.PUSHED: st.one_of(_DAYS, _AGES),
    Kind.PULLED: st.one_of(_DAYS, _AGES, st.just(Never())),
    Kind.PROJECT: st.sampled_from(("team", "other", "nothing")),
    Kind.REPOSITORY: st.sampled_from(("team/redis", "team/*", "*redis", "*", "other", "t*/web*", "team/none")),
    Kind.IS: st.sampled_from(Standing),
}

_TERMS = st.sampled_from(Kind).flatmap(
    lambda kind: st.builds(Term, st.just(kind), VALUES[kind], st.sampled_from((True, True, False)))
)
QUERIES = st.lists(_TERMS, max_size=4, unique=True).map(lambda terms: ArtifactQuery(tuple(terms)))
SPELLED = st.builds(Said, _TEXT.filter(lambda text: "=" not in text), st.one_of(st.none(), _TEXT)).map(
    lambda said: ArtifactQuery((Term(Kind.ANNOTATION, said),))
)
