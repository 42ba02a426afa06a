# SPDX-License-Identifier: Apache-2.0
"""What a user may be called."""

import shlex
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.identity.errors import InvalidUserName
from entrepot.features.identity.models import USER_NAME
from entrepot.features.identity.models import parse_user_name


@pytest.mark.parametrize("name", ["a", "0", "admin", "ci-1", "ada.lovelace", "x_y", "mee", "a" * 64])
def test_plain_names_are_accepted(name: str) -> None:
    """Small letters, digits, dots, underscores and hyphens, up to 64."""
    assert parse_user_name(name) == name


@pytest.mark.parametrize("name", ["", "me", "Ada", "-f", ".", "..", "_x", "a b", "a$b", "a/b", "ä", "a\n", "a" * 65])
def test_other_names_are_refused(name: str) -> None:
    """What a shell, a path or the API would read as something else is no name."""
    with pytest.raises(InvalidUserName):
        parse_user_name(name)


@given(st.from_regex(USER_NAME, fullmatch=True))
def test_a_name_stands_for_itself_everywhere(name: str) -> None:
    """Neither a shell nor an address needs it quoted, and no program takes it for an option or a folder."""
    assert shlex.quote(name) == name
    assert quote(name, safe="") == name
    assert not name.startswith(("-", "."))
