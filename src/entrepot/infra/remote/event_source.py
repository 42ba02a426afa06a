# SPDX-License-Identifier: Apache-2.0
"""Listening to a stream of server-sent events (WHATWG HTML section 9.2), through every interruption."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.infra.remote.client import Client
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.errors import ServerUnreachable

RETRY_SECONDS = 2.0
MAX_RETRY_SECONDS = 60.0

_PASSING = (429, 502, 503)


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event as it was sent."""

    name: str
    data: str


class EventSource:
    """A stream at one address. After an interruption it goes on where it was, as far as the server still can."""

    def __init__(self, client: Client, path: str, query: Mapping[str, str]) -> None:
        """Listen at a path below `/api/v1/`."""
        self._client = client
        self._url = client.address(path, query)
        self._last = ""
        self._retry_seconds = RETRY_SECONDS
        self._was_heard = False

    def events(self, *, is_followed: bool) -> Iterator[SentEvent]:
        """Yield events for ever, or until there is nothing more for now.

        Raises as `Client` what fails at first, and what another attempt would not mend.
        """
        while True:
            try:
                for event in self._messages():
                    if event is not None:
                        yield event
                    elif not is_followed:
                        return
            except ServerUnreachable:
                if not (is_followed and self._was_heard):
                    raise
            except ServerRefused as refused:
                if not (is_followed and self._was_heard and refused.answered_status in _PASSING):
                    raise
            if not is_followed:
                return
            self._client.wait(self._retry_seconds)

    def _messages(self) -> Iterator[SentEvent | None]:
        """Yield what arrives on one connection; None for a comment: there is nothing more for now."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": self._last} if self._last else {})
        for block in _blocks(self._client.lines(self._url, headers)):
            self._was_heard = True
            fields = dict(_field(line) for line in block)
            self._last = fields.get("id", self._last)
            if fields.get("retry", "").isdecimal():
                self._retry_seconds = min(int(fields["retry"]) / 1000, MAX_RETRY_SECONDS)
            if "data" in fields:
                yield SentEvent(fields.get("event", "message"), fields["data"])
            elif "" in fields:
                yield None


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines between empty ones; what is not ended by one is not complete, and dropped."""
    block: list[str] = []
    for line in lines:
        if line:
            block.append(line)
        elif block:
            yield block
            block = []


def _field(line: str) -> tuple[str, str]:
    """Return name and value of a line; a comment's name is empty. Data of several lines is none of ours."""
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")
