# SPDX-License-Identifier: Apache-2.0
"""Nobody waits long for a server that is away, and hardly anybody at all once that is known."""

import asyncio

import pytest

from entrepot.infra.database.absence import PAUSE_SECONDS
from entrepot.infra.database.absence import Absence
from entrepot.infra.database.engine import DatabaseUnavailable

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 0.2


class Server:
    """Answers, refuses after some time, or says nothing at all."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.failures = 0
        self.failing_seconds = 0.0
        self.is_silent = False
        self.absence = Absence(PATIENCE_SECONDS, lambda: self.now)

    async def read(self) -> str:
        """Be asked."""
        self.asked += 1
        if self.is_silent:
            await asyncio.Event().wait()
        if self.failures:
            self.failures -= 1
            self.now += self.failing_seconds
            raise DatabaseUnavailable
        return "an answer"

    async def fails(self) -> bool:
        """Tell whether a read fails."""
        try:
            await self.absence.ask(self.read)
        except DatabaseUnavailable:
            return True
        return False


async def test_a_connection_that_ended_is_no_outage() -> None:
    """The read is tried once more, with a new one."""
    server = Server()
    server.failures = 1

    assert not await server.fails()
    assert server.asked == 2


async def test_a_refusal_that_costs_nothing_is_asked_for_each_time() -> None:
    """So that the next request after the outage gets an answer."""
    server = Server()
    server.failures = 3

    assert [await server.fails() for _ in range(3)] == [True, True, False]


async def test_a_silent_server_is_waited_for_by_one() -> None:
    """Who comes while that one waits is refused at once."""
    server = Server()
    server.failures, server.failing_seconds = 1, 10.0
    await server.fails()
    server.now += PAUSE_SECONDS
    server.is_silent = True
    asked, waiting = server.asked, asyncio.ensure_future(server.fails())
    await asyncio.sleep(0)
    others = [await server.fails() for _ in range(10)]

    assert others == [True] * 10
    assert not waiting.done()
    assert await waiting
    assert server.asked == asked + 1


async def test_it_is_asked_again_after_a_pause() -> None:
    """Of two seconds, where the failure took long."""
    server = Server()
    server.failures, server.failing_seconds = 1, 10.0
    outcomes = [await server.fails(), await server.fails()]
    server.now += PAUSE_SECONDS
    outcomes.append(await server.fails())

    assert outcomes == [True, True, False]
    assert server.asked == 2


async def test_a_server_that_answers_others_is_slow_and_not_away() -> None:
    """Whoever waits too long is refused, and nobody else is."""
    server = Server()
    server.is_silent = True
    slow = asyncio.ensure_future(server.fails())
    await asyncio.sleep(0)
    server.is_silent, server.now = False, 1.0
    others = [await server.fails()]
    outcomes = [await slow, *others, await server.fails()]

    assert outcomes == [True, False, False]
