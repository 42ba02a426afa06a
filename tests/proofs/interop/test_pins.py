# SPDX-License-Identifier: Apache-2.0
"""The pinned suite is one version, and the sum of everything that it is built from is committed."""

import re

from tests.interop.tools import SUITE
from tests.interop.tools import load_pins

REQUIREMENT = re.compile(r"^(?:require\s+|\t)(\S+) (v\S+)", re.MULTILINE)
SUM = re.compile(r"^(\S+) (v\S+) h1:[A-Za-z0-9+/]{43}=$", re.MULTILINE)


def test_the_module_requires_the_pinned_version() -> None:
    """pins.toml and go.mod name the same version of the same module."""
    pinned = load_pins().pinned

    assert (pinned.module, pinned.version) in REQUIREMENT.findall((SUITE / "go.mod").read_text())


def test_every_required_module_has_a_sum() -> None:
    """No module is taken on trust."""
    required = REQUIREMENT.findall((SUITE / "go.mod").read_text())
    sums = SUM.findall((SUITE / "go.sum").read_text())

    assert len(required) > 10
    assert set(required) <= set(sums)
