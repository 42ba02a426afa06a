# SPDX-License-Identifier: Apache-2.0
"""What is known about a request follows it."""

import asyncio

import pytest

from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.request_facts import KeptFacts
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_facts import current_facts


@pytest.mark.anyio
async def test_facts_follow_a_request_into_its_tasks_and_threads() -> None:
    """Whoever works for a request speaks about the same one; requests beside it have their own."""

    async def answer() -> list[RequestFacts]:
        facts = RequestFacts()
        current_facts.set(facts)
        await asyncio.sleep(0)
        in_task = asyncio.create_task(asyncio.to_thread(about_request))
        return [facts, about_request(), await in_task]

    one, two = await asyncio.gather(*(asyncio.create_task(answer()) for _ in range(2)))

    assert len(set(map(id, one))) == len(set(map(id, two))) == 1
    assert one[0].request_id != two[0].request_id


def test_outside_of_a_request_nobody_reads_the_facts() -> None:
    """They are new each time."""
    about_request().code = "denied"

    assert about_request().code == ""


def test_facts_are_kept_without_the_request() -> None:
    """Whoever tells of it later has the name of the request, and who asked; nothing that is large is held."""
    facts = RequestFacts()
    facts.principal = ANONYMOUS

    kept = KeptFacts(facts)

    assert (kept.request_id, kept.principal) == (facts.request_id, ANONYMOUS)
    assert (kept.address, kept.agent) == ("", "")
