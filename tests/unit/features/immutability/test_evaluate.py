# SPDX-License-Identifier: Apache-2.0
"""Which rule decides about a tag, and what it says."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.immutability.evaluate import Layers
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.evaluate import read_rules
from entrepot.features.immutability.evaluate import ruling
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Rule
from entrepot.kernel.clock import Milliseconds

NOW = Milliseconds(1_000)
TAGS = st.text("1a.-", min_size=1, max_size=5)
GLOBS = st.text("1a.-*", min_size=1, max_size=4).filter(lambda text: "**" not in text)
PLACES = st.sampled_from(["**", "team/**", "team/app", "team/*", "team-*/**", "other/**"])
NAMES = st.sampled_from(["team", "team/app", "team/app/sub", "team-b/app", "other/app"])
RULES = st.lists(
    st.builds(
        Rule,
        repositories=PLACES,
        tags=GLOBS,
        effect=st.sampled_from(Effect),
        until=st.none() | st.sampled_from([Milliseconds(999), NOW, Milliseconds(1_001)]),
        is_binding=st.booleans(),
    ),
    max_size=5,
)


def naive_place(pattern: str, name: str) -> bool:
    """Match a path pattern segment by segment."""
    wanted, segments = pattern.split("/"), name.split("/")
    is_open = wanted[-1] == "**"
    wanted = wanted[:-1] if is_open else wanted
    if len(segments) < len(wanted) or (len(segments) > len(wanted) and not is_open):
        return False
    return all(fnmatchcase(segment, each) for each, segment in zip(wanted, segments, strict=False))


def naive(of_project: list[Rule], of_registry: list[Rule], name: str, tag: str) -> Rule | None:
    """Look through one list of all rules."""
    binding = [each for each in of_registry if each.is_binding]
    others = [each for each in of_registry if not each.is_binding]
    for rule in [*binding, *of_project, *others]:
        has_ended = rule.until is not None and rule.until <= NOW
        if not has_ended and naive_place(rule.repositories, name) and fnmatchcase(tag, rule.tags):
            return rule
    return None


@given(RULES, RULES, NAMES, TAGS)
def test_the_first_rule_that_matches_decides(
    of_project: list[Rule], of_registry: list[Rule], name: str, tag: str
) -> None:
    """Binding ones of the registry first, then those of the project, then the rest; none that has ended."""
    layers = Layers(read_rules("team", of_project), read_rules("", of_registry))

    found = layers.deciding(name, tag, NOW)

    assert (found.rule if found else None) == naive(of_project, of_registry, name, tag)


@given(RULES, NAMES, TAGS)
def test_what_no_rule_keeps_is_known_without_the_tag(rules: list[Rule], name: str, tag: str) -> None:
    """Where nothing is kept in a repository, no rule decides but a mutable one."""
    layers = Layers(read_rules("team", rules), ())
    found = layers.deciding(name, tag, NOW)

    assert layers.keeps_any(name) or found is None or found.rule.effect is Effect.MUTABLE


@pytest.mark.parametrize(
    ("effect", "tag", "said"),
    [
        (Effect.MUTABLE, "1.0", ("free", "free", "free")),
        (Effect.IMMUTABLE, "latest", ("free", "kept", "kept")),
        (Effect.APPEND_ONLY, "1.0", ("free", "kept", "kept")),
        (Effect.APPEND_ONLY, "latest", ("no-version", "no-version", "free")),
        (Effect.FORWARD, "latest", ("free", "forward-only", "kept")),
    ],
)
def test_what_an_effect_says(effect: Effect, tag: str, said: tuple[str, str, str]) -> None:
    """To setting, moving and deleting a tag."""
    assert tuple(ruling(effect, tag, deed) for deed in Deed) == tuple(map(Ruling, said))
