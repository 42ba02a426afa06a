# SPDX-License-Identifier: Apache-2.0
"""Whatever order pushes, collection and backups come in, what a backup names stays for it, and goes after it."""

from collections.abc import Callable

import pytest

from tests.model.backups import BROKEN
from tests.model.backups import COLLECTOR
from tests.model.backups import SOUND
from tests.model.backups import is_gone
from tests.model.backups import is_unneeded
from tests.model.backups import search
from tests.model.backups import successors
from tests.model.search import stuck

Record = Callable[[str, object], None]


def test_no_order_of_steps_spoils_a_backup(record_property: Record) -> None:
    """No bytes go that a backup names, none stay for one that does not, and all go when those have ended."""
    found = search(SOUND)
    unneeded = [state for state in found.states if is_unneeded(state)]

    assert found.counterexample is None, str(found.counterexample)
    assert stuck(unneeded, successors(COLLECTOR), is_gone) is None
    record_property("backups", f"{found.count} states, none harmful; all is freed in {len(unneeded)}")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_order_does_harm(name: str, record_property: Record) -> None:
    """An order that is broken on purpose has a short counterexample."""
    rules, harm = BROKEN[name]

    found = search({**SOUND, **rules}, [harm])

    assert found.counterexample is not None
    record_property(name, f"{found.count} states\n{found.counterexample}")
