# SPDX-License-Identifier: Apache-2.0
"""What stands before the management API: requests are counted before it looks at them, or at least once it has."""

import pytest

from entrepot.infra.http.limited import LimitedApi
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.kernel.access import Principal
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_facts import current_facts
from entrepot.kernel.request_limits import RequestClass
from entrepot.kernel.request_limits import TooManyRequests
from tests.builders.asgi import Answer
from tests.builders.asgi import ask

pytestmark = pytest.mark.anyio

TOKEN = (("authorization", "Bearer something"),)


class OneEach:
    """Admits one request of each class, and says that none is left."""

    def __init__(self) -> None:
        self.admitted: list[RequestClass] = []

    async def admit(self, asked: RequestClass, principal: Principal | None, address: str) -> None:
        """Take the first."""
        if asked in self.admitted:
            raise TooManyRequests(headers={"Retry-After": "7"})
        self.admitted.append(asked)
        about_request().is_counted = True
        about_request().rate_limit = b'"all";r=0;t=7'

    async def admit_login(self, address: str) -> None:
        """Take all."""


class Plain:
    """An application that answers in two parts and counts nothing."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        self.asked += 1
        await Response(200, [], b"all of it").send(Request(scope, receive), send)


@pytest.fixture
def inner() -> Plain:
    """What is behind it."""
    return Plain()


@pytest.fixture
def api(inner: Plain) -> LimitedApi:
    """One request of each class."""
    return LimitedApi(inner, OneEach())


async def answered(api: LimitedApi, method: str = "GET", headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Send a request of its own."""
    before = current_facts.set(RequestFacts())
    answer = await ask(api, method, "/api/v1/things", headers=headers)
    current_facts.reset(before)
    return answer


async def test_who_brings_nothing_is_refused_before_anything_else(api: LimitedApi, inner: Plain) -> None:
    """The application never hears of it."""
    answers = [await answered(api) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 429]
    assert (answers[1].json["code"], answers[1].header("retry-after")) == ("too_many_requests", "7")
    assert inner.asked == 1


async def test_what_nobody_counted_is_counted_when_it_is_answered(api: LimitedApi, inner: Plain) -> None:
    """Credentials that nobody looked at are no way around; the answer is the refusal, and nothing else."""
    answers = [await answered(api, headers=TOKEN) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 429]
    assert answers[1].looks_complete
    assert inner.asked == 2


async def test_reading_and_writing_are_counted_apart(api: LimitedApi) -> None:
    """By their method."""
    answers = [await answered(api, method) for method in ("GET", "HEAD", "POST", "DELETE")]

    assert [answer.status for answer in answers] == [200, 429, 200, 429]


async def test_an_answer_says_what_is_left(api: LimitedApi) -> None:
    """Where whoever counts it wants that said."""
    answer = await answered(api)

    assert answer.header("ratelimit") == '"all";r=0;t=7'
