# SPDX-License-Identifier: Apache-2.0
"""Which guardrails are about something: the same as asking each of them by itself."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access import parse_pattern
from entrepot.features.guardrails.evaluate import Rules
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.models import Options
from entrepot.features.projects import Visibility
from entrepot.kernel.clock import Milliseconds
from tests.builders.guardrail_words import a_guardrail
from tests.builders.guardrail_words import an_exception

PATTERNS = st.sampled_from(["**", "team", "team/**", "te*/**", "team/app", "*/app", "other/**", "t*/a*/**"])
NAMES = st.sampled_from(["team", "team/app", "team/lib/x", "other/app", "other", "test/app"])
PROJECTS = ("team", "other", "test")
PEOPLE = st.sampled_from(["", "user:alice", "robot:team.ci"])
ENDS = st.integers(0, 20).map(Milliseconds)
GUARDRAILS = st.lists(
    st.tuples(PATTERNS, st.sampled_from(list(GuardrailKind)), st.sampled_from(list(GuardrailMode)), st.booleans()),
    max_size=4,
)
EXCEPTIONS = st.lists(st.tuples(st.integers(0, 3), st.one_of(st.just(""), PATTERNS), PEOPLE, ENDS), max_size=4)


def _made(
    wanted: list[tuple[str, GuardrailKind, GuardrailMode, bool]], given: list[tuple[int, str, str, Milliseconds]]
) -> tuple[list[Guardrail], list[GuardrailException]]:
    guardrails = []
    for number, (pattern, kind, mode, is_wide) in enumerate(wanted):
        options = Options(tags=("v*",)) if kind is GuardrailKind.NAMING else Options()
        options = Options(includes_internal=is_wide) if kind is GuardrailKind.NO_PUBLIC else options
        guardrails.append(a_guardrail(f"g{number}", kind, pattern, mode=mode, options=options))
    exceptions = [an_exception(f"g{number}", path, who, ends_at) for number, path, who, ends_at in given]
    return guardrails, exceptions


def _matches(pattern: str, name: str) -> bool:
    """Match a name as plainly as can be: segment by segment."""
    if pattern == "**":
        return True
    stem = pattern.removesuffix("/**").split("/")
    segments = name.split("/")
    is_long_enough = len(segments) >= len(stem) if pattern.endswith("/**") else len(segments) == len(stem)
    return is_long_enough and all(map(fnmatchcase, segments, stem))


@given(GUARDRAILS, EXCEPTIONS, NAMES, PEOPLE, ENDS)
def test_a_guardrail_binds_where_it_matches_and_no_exception_does(
    wanted: list[tuple[str, GuardrailKind, GuardrailMode, bool]],
    given_: list[tuple[int, str, str, Milliseconds]],
    name: str,
    who: str,
    now: Milliseconds,
) -> None:
    """In a repository, as a reference tells that reads every row anew."""
    guardrails, exceptions = _made(wanted, given_)
    rules = Rules(guardrails, exceptions)

    bound = {
        rule.guardrail.name
        for deed in Deed
        for rule in rules.on_repository(name, deed)
        if not rule.exempts(parse_pattern(name), who, now)
    }

    assert bound == {
        each.name
        for each in guardrails
        if _matches(each.terms.path_pattern, name)
        and not any(_is_exempt(given, each, name, who, now) for given in exceptions)
    }


def _is_exempt(given: GuardrailException, guardrail: Guardrail, name: str, who: str, now: Milliseconds) -> bool:
    terms = given.terms
    if given.guardrail != guardrail.name or terms.expires_at <= now or terms.principal not in ("", who):
        return False
    whole = terms.path_pattern and parse_pattern(terms.path_pattern).includes(
        parse_pattern(guardrail.terms.path_pattern)
    )
    return not terms.path_pattern or bool(whole) or _matches(terms.path_pattern, name)


@given(GUARDRAILS, st.sampled_from(PROJECTS))
def test_a_project_is_closed_by_what_is_enforced_on_a_part_of_it(
    wanted: list[tuple[str, GuardrailKind, GuardrailMode, bool]], project: str
) -> None:
    """Asked twice, since the answer is remembered."""
    guardrails, _ = _made(wanted, [])
    rules = Rules(guardrails)
    expected = set()
    for pattern, kind, mode, is_wide in wanted:
        first = pattern.partition("/")[0]
        if kind is GuardrailKind.NO_PUBLIC and mode is GuardrailMode.ENFORCE and fnmatchcase(project, first):
            expected |= {Visibility.PUBLIC, *([Visibility.INTERNAL] if is_wide else [])}

    assert rules.closed(project, Milliseconds(0)) == expected
    assert rules.closed(project, Milliseconds(0)) == expected


def test_an_exception_that_has_ended_is_none() -> None:
    """From the very moment of its end on."""
    guardrail = a_guardrail("closed", GuardrailKind.NO_PUBLIC, "**")
    rules = Rules([guardrail], [an_exception("closed", "team/**", "", Milliseconds(10))])

    assert rules.closed("team", Milliseconds(9)) == set()
    assert rules.closed("team", Milliseconds(10)) == {Visibility.PUBLIC}


def test_each_kind_is_about_its_own_deeds() -> None:
    """`naming` says nothing of deleting, and `no-public` nothing of pushing."""
    guardrails = [
        a_guardrail(
            kind.value, kind, "**", options=Options(tags=("v*",)) if kind is GuardrailKind.NAMING else Options()
        )
        for kind in GuardrailKind
    ]
    rules = Rules(guardrails)

    assert {
        deed: {rule.guardrail.name for rule in rules.on_pattern(parse_pattern("team/**"), deed)} for deed in Deed
    } == {
        Deed.PUSH: {"push-by-machines", "second-factor", "naming"},
        Deed.TAG: {"push-by-machines", "second-factor", "naming"},
        Deed.DELETE: {"push-by-machines", "second-factor"},
        Deed.OPEN: {"no-public"},
        Deed.GRANT: {"no-public"},
        Deed.ADMINISTER: {"second-factor"},
    }
