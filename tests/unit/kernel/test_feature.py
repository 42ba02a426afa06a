# SPDX-License-Identifier: Apache-2.0
"""A feature's description of itself."""

import pytest

from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts


def test_a_feature_that_mounts_nothing_adds_nothing() -> None:
    """A feature without `mount` adds no part to the application."""
    feature: Feature[None] = Feature(name="retention")

    assert feature.mount(None) == Parts()


def test_a_feature_builds_its_parts_from_the_platform() -> None:
    """What wiring hands over reaches the feature's parts."""
    feature: Feature[str] = Feature(name="retention", mount=lambda platform: Parts(routes=(platform,)))

    assert feature.mount("database").routes == ("database",)


@pytest.mark.parametrize("name", ["", "proxy-cache", "Retention", "2nd", "a b"])
def test_a_name_that_no_folder_can_have_is_refused(name: str) -> None:
    """A feature's name is the name of a Python package in lower case."""
    with pytest.raises(ValueError, match="names no feature"):
        Feature(name=name)


def test_a_feature_cannot_need_itself() -> None:
    """`needs` names other features only."""
    with pytest.raises(ValueError, match="needs itself"):
        Feature(name="retention", needs=("retention",))
