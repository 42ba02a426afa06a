# SPDX-License-Identifier: Apache-2.0
"""The grammar of scopes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens.scopes import MAX_SCOPE_CHARACTERS
from entrepot.features.tokens.scopes import MAX_SCOPES
from entrepot.features.tokens.scopes import RequestedScope
from entrepot.features.tokens.scopes import TooManyScopes
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.kernel.access import Action

types = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
names = st.from_regex(r"([a-z]{1,5}:[0-9]{1,4}/)?[a-z]{1,5}(/[a-z]{1,5})?", fullmatch=True)
actions = st.frozensets(st.sampled_from(["pull", "push", "delete", "*"]), min_size=1)
scopes = st.lists(
    st.builds(RequestedScope, types, names, actions),
    min_size=1,
    max_size=8,
    unique_by=lambda scope: (scope.type, scope.name),
)


def render(scope: RequestedScope) -> str:
    """Write a scope as clients do."""
    return f"{scope.type}:{scope.name}:{','.join(scope.actions)}"


def of(name: str, *wanted: str) -> RequestedScope:
    """Ask for actions on a repository."""
    return RequestedScope("repository", name, frozenset(wanted))


@given(scopes, st.sampled_from([" ", ",", "  "]))
def test_what_is_rendered_is_read_back(asked: list[RequestedScope], separator: str) -> None:
    """Repeated parameters, spaces and commas between scopes all mean the same list."""
    rendered = [render(scope) for scope in asked]

    assert parse_scopes(rendered) == tuple(asked)
    assert parse_scopes([separator.join(rendered)]) == tuple(asked)


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_is_read(values: list[str]) -> None:
    """Text that is no scope asks for nothing and breaks nothing."""
    for scope in parse_scopes(values):
        assert scope.type
        assert scope.name
        assert scope.actions


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("repository:team/app:pull,push", of("team/app", "pull", "push")),
        ("repository:host:5000/team/app:pull", of("host:5000/team/app", "pull")),
        ("repository(plugin):team/app:pull", of("team/app", "pull")),
        ("registry:catalog:*", RequestedScope("registry", "catalog", frozenset("*"))),
    ],
)
def test_the_name_lies_between_the_first_and_the_last_colon(text: str, read: RequestedScope) -> None:
    """A name may hold a port, a type may have a class."""
    assert parse_scopes([text]) == (read,)


@pytest.mark.parametrize(
    "text",
    [
        "openid",
        "repository",
        "repository:app",
        "repository:app:",
        "repository::pull",
        ":app:pull",
        "Repository:app:pull",
        "repository(:app:pull",
        "repository:*:pull",
        "repository:a/*:pull",
        "repository:app:PULL",
        "repository:app:pull,",
        "repository:ä:pull",
        f"repository:{'a' * 256}:pull",
    ],
)
def test_text_that_is_no_scope_asks_for_nothing(text: str) -> None:
    """A scope names one resource and at least one action; there is no scope on every repository."""
    assert parse_scopes([text]) == ()


@pytest.mark.parametrize("values", [[], [""], [" ", "\t"]])
def test_no_scope_at_all_asks_for_the_management_api(values: list[str]) -> None:
    """Programs that speak to `/api` know nothing of scopes."""
    assert parse_scopes(values) == (RequestedScope("registry", "api", frozenset("*")),)


def test_scopes_on_one_resource_become_one() -> None:
    """Asking twice is asking for both, in the order of the first."""
    asked = ["repository:a:pull", "repository:b:pull repository:a:push"]

    assert parse_scopes(asked) == (of("a", "pull", "push"), of("b", "pull"))


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (["*"], (Action.PULL, Action.PUSH, Action.DELETE)),
        (["push", "pull"], (Action.PULL, Action.PUSH)),
        (["delete", "fly", "admin"], (Action.DELETE,)),
    ],
)
def test_a_star_means_every_action_on_a_repository(asked: list[str], meant: tuple[Action, ...]) -> None:
    """Actions come in a fixed order, unknown ones and those of the management API are dropped."""
    assert of("app", *asked).repository_actions == meant


def test_too_many_scopes_are_refused() -> None:
    """A token has room for a bounded number of scopes."""
    asked = [f"repository:app{number}:pull" for number in range(MAX_SCOPES)]

    assert len(parse_scopes(asked)) == MAX_SCOPES
    with pytest.raises(TooManyScopes):
        parse_scopes([*asked, "repository:one-more:pull"])


def test_scopes_that_are_too_long_are_refused() -> None:
    """Scopes have a bounded length, whether they mean something or not."""
    with pytest.raises(TooManyScopes):
        parse_scopes(["x" * MAX_SCOPE_CHARACTERS, "x"])


@given(st.text(":,* arepositypul()/", max_size=60))
def test_text_made_of_the_grammars_characters_is_read(text: str) -> None:
    """What is read stays within the grammar, whatever the order of its characters."""
    with suppress(TooManyScopes):
        for scope in parse_scopes([text]):
            assert parse_scopes([render(scope)]) == (scope,)
