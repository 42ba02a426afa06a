# SPDX-License-Identifier: Apache-2.0
"""What is said to whoever a rule refuses."""

import pytest

from entrepot.features.immutability.evaluate import ReadRule
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.telling import explanation
from entrepot.features.immutability.telling import refusal
from entrepot.features.immutability.telling import refusal_to_go_back
from entrepot.registry.hooks import MAX_DENIAL_CHARACTERS

LONG = f"{'p' * 60}/{'a' * 130}"


def a_rule(effect: Effect, tags: str = "1.*") -> ReadRule:
    """Read a rule of a project."""
    return ReadRule("team", 1, Rule("team/**", tags, effect))


@pytest.mark.parametrize("ruled", [Ruling.KEPT, Ruling.NO_VERSION])
def test_the_next_step_is_told_however_long_names_are(ruled: Ruling) -> None:
    """A refusal is one line, and its end is not cut off."""
    found = ReadRule("p" * 60, 30, Rule(f"{LONG}/**", "t" * 128, Effect.IMMUTABLE))
    said = refusal(found, ruled, Deed.MOVE, f"{LONG}:{'t' * 128}")

    assert said.endswith("or ask an administrator for an override")
    assert len(said) <= MAX_DENIAL_CHARACTERS


def test_an_image_without_versions_is_told_how_to_begin() -> None:
    """What a moving tag that never followed one goes to."""
    said = refusal_to_go_back(a_rule(Effect.FORWARD, "latest"), "team/app:latest", ["main"], [])

    assert "it points at what has no such version" in said
    assert "push the image under a version first, such as team/app:1.0.0" in said


@pytest.mark.parametrize(
    ("effect", "tag", "said"),
    [
        (Effect.MUTABLE, "1.0", "1.0 is set, moved and deleted freely."),
        (Effect.IMMUTABLE, "1.0", "1.0 is neither moved nor deleted once it is set."),
        (Effect.APPEND_ONLY, "1.0", "once it is set, and other versions may be added."),
        (Effect.APPEND_ONLY, "main", "main is no version, and cannot be set."),
        (Effect.FORWARD, "1.0", "1.0 moves only to an image with a higher version, and is not deleted."),
    ],
)
def test_each_effect_is_explained(effect: Effect, tag: str, said: str) -> None:
    """In a sentence that names the rule."""
    explained = explanation(a_rule(effect), tag, is_derived=False)

    assert explained.startswith("Rule 1 of team (1.* in team/**: ")
    assert explained.endswith(said)


def test_where_no_rule_is_about_a_tag_that_is_said() -> None:
    """And why, of one that is derived from a digest."""
    assert explanation(None, "main", is_derived=False).startswith("No rule is about main")
    assert "derived from a digest" in explanation(None, "sha256-00.sig", is_derived=True)
