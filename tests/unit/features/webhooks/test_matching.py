# SPDX-License-Identifier: Apache-2.0
"""What a webhook wants to hear of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access import parse_pattern
from entrepot.features.events import NAMES
from entrepot.features.events import USES
from entrepot.features.events import CloudEvent
from entrepot.features.events import EventFilterInvalid
from entrepot.features.events import names_of
from entrepot.features.events import parse_event_filter
from entrepot.features.webhooks.matching import wants
from entrepot.kernel.clock import Milliseconds

STEMS = sorted({name.partition(".")[0] for name in NAMES})
FILTERS = st.sampled_from(sorted(NAMES)) | st.sampled_from([f"{stem}.*" for stem in STEMS]) | st.just("*")
REPOSITORIES = st.sampled_from(["", "team/app", "team/lib/deep", "other/app"])
PATHS = st.sampled_from(["team/**", "team/app", "*/app", "team/*", "**", "nobody/x"])


def an_event(name: str, repository: str) -> CloudEvent:
    """Make an event of a repository, or of a project without one."""
    project = repository.partition("/")[0] or "team"
    return CloudEvent("1", "s", name, "", Milliseconds(0), "", {"project": project, "repository": repository})


def naively(filters: list[str], paths: list[str], project: str, event: CloudEvent) -> bool:
    """Say it the long way round."""
    is_named = any(
        each in ("*", event.name) or (each.endswith("*") and event.name.startswith(each[:-1])) for each in filters
    )
    if not filters:
        is_named = event.name not in USES
    is_there = not paths or any(event.repository and parse_pattern(path).matches(event.repository) for path in paths)
    return is_named and is_there and project in ("", event.project)


@given(
    st.lists(FILTERS, max_size=3),
    st.lists(PATHS, max_size=3),
    st.sampled_from(["", "team", "other"]),
    st.sampled_from(sorted(NAMES)),
    REPOSITORIES,
)
def test_it_wants_what_a_filter_and_a_path_name(
    filters: list[str], paths: list[str], project: str, name: str, repository: str
) -> None:
    """All of it has to hold: a filter, a path, and the project."""
    event = an_event(name, repository)
    assert wants(filters, paths, project, event) == naively(filters, paths, project, event)


def test_without_a_filter_pulls_are_not_told() -> None:
    """They are many, and have to be named."""
    assert names_of([]) == NAMES - USES
    assert names_of(["*"]) == NAMES


@pytest.mark.parametrize("text", ["", "tag", "tag.", "tag.moved.*", "TAG.*", "nothing.happened", "nothing.*", "*.*"])
def test_what_names_nothing_is_refused(text: str) -> None:
    """A filter that never lets anything through is a mistake."""
    with pytest.raises(EventFilterInvalid):
        parse_event_filter(text)


def test_a_name_that_a_later_version_does_not_know_is_no_error() -> None:
    """What was stored is read, whatever it names."""
    assert names_of(["gone.for-good", "tag.moved"]) == {"tag.moved"}
