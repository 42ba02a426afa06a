# SPDX-License-Identifier: Apache-2.0
"""Names of projects."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.projects.errors import ProjectNameInvalid
from entrepot.features.projects.models import parse_project_name
from entrepot.oci.errors import NameInvalid
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import parse_repository_name

texts = st.text("ab0._-/ A", max_size=8)


@given(texts)
def test_a_project_name_is_a_repository_name_of_one_segment(text: str) -> None:
    """Every such name can be pushed to, and every repository belongs to a project whose name is valid."""
    expected = False
    with suppress(NameInvalid):
        expected = "/" not in parse_repository_name(text)

    accepted = False
    with suppress(ProjectNameInvalid):
        accepted = parse_project_name(text) == text

    assert accepted == expected


def test_a_project_name_is_as_long_as_a_repository_name_may_be() -> None:
    """One character more is refused, with both numbers."""
    assert parse_project_name("a" * MAX_NAME_CHARACTERS)
    with pytest.raises(ProjectNameInvalid, match="has 201 characters; at most 200"):
        parse_project_name("a" * (MAX_NAME_CHARACTERS + 1))
