# SPDX-License-Identifier: Apache-2.0
"""The frame of the management API."""

import pytest
from structlog.testing import capture_logs

from entrepot.infra.http.api import build_api
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import takes
from entrepot.infra.http.request import Message
from entrepot.infra.http.router import api_router
from entrepot.infra.http.serving.exchange import ClientGone

pytestmark = pytest.mark.anyio


@takes(ANYBODY)
async def fail() -> None:
    """Fail as a bug does."""
    raise RuntimeError("a bug")


@takes(ANYBODY)
async def answer() -> dict[str, str]:
    """Answer something."""
    return {"word": "here"}


async def ask(error: Exception | None) -> list[str]:
    """Ask for what fails, or for what is there by a client that has left; return the events that were logged."""
    router = api_router("answers")
    router.add_api_route("/there", answer)
    router.add_api_route("/failing", fail)
    api = build_api([router], "1")
    path = "/api/v1/failing" if error is None else "/api/v1/there"
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "http_version": "1.1"}

    async def receive() -> Message:
        """Hand over an empty body."""
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        """Take a part of the answer, or be gone."""
        if error is not None:
            raise error

    with capture_logs() as logged, pytest.raises((RuntimeError, ClientGone)):
        await api(scope, receive, send)
    return [entry["event"] for entry in logged]


def test_an_endpoint_has_to_say_what_it_takes() -> None:
    """Else it cannot be mounted, and the message says how to."""

    async def silent() -> None:
        """Say nothing."""

    with pytest.raises(TypeError, match=r"silent does not say .* @takes"):
        api_router("answers").add_api_route("/silent", silent)


async def test_a_client_that_leaves_is_no_failure() -> None:
    """Browsers give up requests all the time, such as those of a page that was left."""
    assert await ask(ClientGone("gone")) == []


async def test_a_failure_is_logged() -> None:
    """What nobody foresaw is told to the operator, once."""
    assert await ask(None) == ["api.failed"]
