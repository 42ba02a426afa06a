# SPDX-License-Identifier: Apache-2.0
"""What can be said about whose reads are not use."""

import pytest
from pydantic import ValidationError

from entrepot.features.usage import UsageSettings


def test_robots_and_others_are_named_by_their_identity() -> None:
    """As rows and events name them."""
    settings = UsageSettings.model_validate({"ignored_principals": ["robot:team.mirror", "user:alice"]})

    assert settings.ignored_principals == ("robot:team.mirror", "user:alice")


@pytest.mark.parametrize("name", ["mirror", "robot:", "group:team", "anonymous:anonymous", "robot:a b"])
def test_what_names_nobody_is_refused(name: str) -> None:
    """A name without its kind would silently be that of nobody."""
    with pytest.raises(ValidationError):
        UsageSettings.model_validate({"ignored_principals": [name]})
