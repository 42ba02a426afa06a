# SPDX-License-Identifier: Apache-2.0
"""Other names of robots."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens.aliases import RESERVED
from entrepot.features.tokens.aliases import is_alias
from entrepot.features.tokens.aliases import parse_alias
from entrepot.features.tokens.errors import InvalidAlias

own_names = st.from_regex(r"[a-z0-9_][a-z0-9._-]{0,70}", fullmatch=True)


@given(own_names)
def test_a_name_of_ours_is_no_alias(name: str) -> None:
    """Whatever a user, a project or a robot is called: a login with that name never looks for an alias."""
    assert not is_alias(name)
    with pytest.raises(InvalidAlias):
        parse_alias(name)


@given(st.text(max_size=260))
def test_an_alias_fits_into_basic_credentials(text: str) -> None:
    """Any text is read or refused; what is read is found again when somebody logs in with it."""
    with suppress(InvalidAlias):
        alias = parse_alias(text)

        assert alias == text
        assert is_alias(alias)
        assert ":" not in alias
        assert re.fullmatch(r"[^\x00-\x1f\x7f]{1,255}", alias)
        alias.encode()


@given(st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True), st.from_regex(r"[a-z0-9._-]{1,20}", fullmatch=True))
def test_names_of_harbor_are_aliases(project: str, name: str) -> None:
    """With whatever prefix was configured there, as long as it has a character of its own."""
    assert parse_alias(f"robot${project}+{name}") == f"robot${project}+{name}"
    assert is_alias(f"robot${name}")


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_other_clients_send_is_no_alias(name: str) -> None:
    """Their tokens would be looked for among the secrets of whoever had that name."""
    with pytest.raises(InvalidAlias):
        parse_alias(name)
