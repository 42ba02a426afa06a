# SPDX-License-Identifier: Apache-2.0
"""Own templates: what they may say, and that JSON comes of them whatever an event holds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.webhooks.errors import TemplateInvalid
from entrepot.features.webhooks.formats.template import MAX_PLACES
from entrepot.features.webhooks.formats.template import parse_template

EVENT = {
    "type": "entrepot.tag.moved",
    "data": {"repository": "team/app", "tag": "1.0", "size": 3, "after": {"list": ["a", {"b": None}]}, "gone": None},
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


def rendered(template: object, document: dict[str, Any] = EVENT) -> Any:
    """Return what a JSON template makes of an event."""
    return json.loads(parse_template(json.dumps(template)).rendered(document))


def test_a_place_within_a_text_becomes_text() -> None:
    """Texts are put together; numbers and objects are spelled as JSON."""
    assert rendered({"text": "{{ data.repository }}:{{data.tag}} ({{ data.size }})"}) == {"text": "team/app:1.0 (3)"}


def test_a_text_that_is_a_place_becomes_what_is_there() -> None:
    """A number stays a number, and an object an object."""
    template = {"size": "{{ data.size }}", "whole": "{{ data.after }}", "second": "{{ data.after.list.1.b }}"}
    assert rendered(template) == {"size": 3, "whole": EVENT["data"]["after"], "second": None}  # type: ignore[index]


def test_what_is_not_there_is_nothing_or_what_the_template_says() -> None:
    """A path that leads to nothing is empty in a text, null alone, or another text."""
    template = ["{{ data.nothing }}", "x{{ data.tag.far.away }}x", "{{ data.gone ?? 'none' }}", '{{ a.b ?? "-" }}']
    assert rendered(template) == [None, "xx", "none", "-"]


def test_names_of_members_are_left_alone() -> None:
    """Only values are filled."""
    assert rendered({"{{ data.tag }}": 1}) == {"{{ data.tag }}": 1}


def test_plain_text_is_filled_as_it_is() -> None:
    """A template that is no JSON makes what it says."""
    template = parse_template("{{ data.repository }} was moved: {{ data.after }}", "text/plain")
    assert template.rendered(EVENT) == b'team/app was moved: {"list":["a",{"b":null}]}'


@pytest.mark.parametrize(
    "text",
    ["{", "[}", '"{{ }}"', '"{{ data..tag }}"', '"{{ data.tag"', '"{{ __import__(1) }}"', '"{{ data.tag | upper }}"'],
)
def test_what_is_no_template_is_refused(text: str) -> None:
    """It has to be JSON, and there is nothing in it but places."""
    with pytest.raises(TemplateInvalid):
        parse_template(text)


def test_a_template_is_not_larger_than_it_may_be() -> None:
    """Neither in places, nor in depth, nor in what comes of it."""
    with pytest.raises(TemplateInvalid):
        parse_template(json.dumps("{{ a }}" * (MAX_PLACES + 1)))
    with pytest.raises(TemplateInvalid):
        parse_template("[" * 40 + "]" * 40)
    with pytest.raises(TemplateInvalid):
        parse_template('"{{ a }}{{ a }}"').rendered({"a": "x" * 200_000})


@given(JSON, TEXT)
def test_json_comes_of_json_whatever_an_event_holds(value: Any, text: str) -> None:
    """Quotes, backslashes and braces of an event end up in texts, never beside them."""
    made = rendered(
        {"alone": "{{ data.value }}", "within": "<{{ data.text }}>"}, {"data": {"value": value, "text": text}}
    )
    assert made == {"alone": value, "within": f"<{text}>"}


@given(TEXT)
def test_whatever_is_accepted_can_be_filled(text: str) -> None:
    """A text that is taken for a template makes something of every event."""
    try:
        template = parse_template(text, "text/plain")
    except TemplateInvalid:
        return
    template.rendered(EVENT)
