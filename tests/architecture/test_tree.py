# SPDX-License-Identifier: Apache-2.0
"""The repository itself keeps every rule of the house."""

import inspect

import pytest

from dev.rules.every import RULES
from dev.rules.source import Rule
from tests.architecture.planting import REPOSITORY


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_the_rule(rule: Rule) -> None:
    """No file of the repository breaks the rule."""
    violations = [str(violation) for violation in rule(REPOSITORY)]

    if violations:
        pytest.fail("\n".join([inspect.getdoc(rule) or rule.__name__, *violations]), pytrace=False)
