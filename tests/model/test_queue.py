# SPDX-License-Identifier: Apache-2.0
"""Whatever comes in between, everything that nobody uses is queued for the collector or lies ahead of its walk."""

from collections.abc import Callable

import pytest

from tests.model.queue import COLLECTOR
from tests.model.queue import FORGETFUL
from tests.model.queue import LOSING
from tests.model.queue import QUEUE
from tests.model.queue import is_gone
from tests.model.queue import is_unused
from tests.model.queue import search
from tests.model.queue import successors
from tests.model.search import stuck

Record = Callable[[str, object], None]


def test_nothing_is_forgotten_or_lost(record_property: Record) -> None:
    """From every state in which no manifest needs the content, an undisturbed collector gets rid of all of it."""
    found = search(QUEUE)
    unused = [state for state in found.states if is_unused(state)]

    assert found.counterexample is None, str(found.counterexample)
    assert stuck(unused, successors(COLLECTOR), is_gone) is None
    record_property("queue and leases", f"{found.count} states, none harmful; all is freed in {len(unused)}")


@pytest.mark.parametrize("name", FORGETFUL)
def test_a_forgetful_order_leaves_something_behind(name: str) -> None:
    """A rule that does not tell the next one what it did leaves content that no step ever comes to."""
    forgetful = FORGETFUL[name]
    rules = {**QUEUE, forgetful.replaced: forgetful.rule}
    collector = {rule: rules[rule] for rule in COLLECTOR}

    unused = [state for state in search(rules).states if is_unused(state)]

    assert stuck(unused, successors(collector), is_gone) is not None


@pytest.mark.parametrize("name", LOSING)
def test_a_losing_order_is_found(name: str) -> None:
    """Content is lost where a push does not lock what it relies on."""
    losing = LOSING[name]

    assert search({**QUEUE, losing.replaced: losing.rule}).counterexample is not None
