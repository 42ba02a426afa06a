# SPDX-License-Identifier: Apache-2.0
"""The tables of events and kinds fit together, and each kind has something to say."""

import pytest

from entrepot.features.notifications.errors import NotificationKindUnknown
from entrepot.features.notifications.kinds import KINDS
from entrepot.features.notifications.kinds import OVER
from entrepot.features.notifications.kinds import kind_of
from entrepot.features.notifications.kinds import sentence_of
from entrepot.features.notifications.mapping import ENTRIES
from entrepot.features.notifications.rules import SPECS


def test_every_entry_and_rule_tells_of_a_kind() -> None:
    """And each kind has what brings it."""
    brought = {entry.kind for entry in ENTRIES} | {spec.kind for spec in SPECS.values()} | {"logins.own"}

    assert brought == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_sentence_needs_no_fact(name: str) -> None:
    """A fact that an older version did not store is said to be unknown; braces in facts are text."""
    assert "{" not in sentence_of(name, {})
    assert sentence_of(name, {OVER: 1}, 3).endswith("(3 times)")
    facts = dict.fromkeys(("reason", "who", "job", "target", "name", "token", "webhook"), "{0.__class__}")
    assert sentence_of(name, facts)


def test_a_kind_of_another_version_is_named() -> None:
    """Somebody may have heard of it before a downgrade."""
    assert sentence_of("sbom.missing", {}) == "sbom.missing"
    with pytest.raises(NotificationKindUnknown):
        kind_of("sbom.missing")
