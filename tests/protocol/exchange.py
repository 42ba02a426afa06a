# SPDX-License-Identifier: Apache-2.0
"""One request and its answer, whatever carries them, and what holds for every answer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from typing import Protocol

Headers = tuple[tuple[str, str], ...]

BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Question:
    """A request. `target` is the path and query as they go over the wire.

    A body of bytes is sent with its `Content-Length`; one that is an iterable of
    chunks is sent chunked, without a length.
    """

    method: str
    target: str
    body: bytes | Iterable[bytes] = b""
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, complete. Header names are in lower case."""

    status: int
    headers: Headers
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        """Return the one value of a header, None when it is absent. Raises `AssertionError` when it is repeated."""
        values = self.all(name)
        assert len(values) < 2, f"{name} occurs {len(values)} times"
        return values[0] if values else None

    @property
    def location(self) -> str:
        """The `Location`. Raises `AssertionError` without one."""
        location = self.header("location")
        assert location is not None, f"the answer {self.status} has no Location"
        return location

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """The status and the one error code in the body."""
        (error,) = self.json["errors"]
        return self.status, error["code"]

    @property
    def message(self) -> str:
        """What the one error in the body tells a person."""
        (error,) = self.json["errors"]
        text: str = error["message"]
        return text


class Transport(Protocol):
    """Carries questions to a registry. May be used by several threads at once."""

    def send(self, question: Question) -> Answer:
        """Return the answer."""

    def vanish(self, question: Question) -> None:
        """Send the head and the body as if more were to come, then be gone."""


def check(question: Question, answer: Answer) -> None:
    """Raise `AssertionError` unless the answer keeps the rules that hold for all of them."""
    assert answer.header("docker-distribution-api-version") == "registry/2.0"
    assert answer.header("x-request-id")
    assert not answer.all("content-encoding")
    assert not answer.all("transfer-encoding")
    assert not answer.all("set-cookie")
    kind = answer.header("content-type") or ""
    assert ";" not in kind or kind.startswith("multipart/byteranges; boundary="), kind
    is_bodiless = question.method == "HEAD" or answer.status in BODILESS
    if is_bodiless:
        assert answer.body == b""
    if answer.status not in BODILESS:
        length = answer.header("content-length")
        assert length is not None
        assert is_bodiless or int(length) == len(answer.body)
    if answer.status >= 400 and not is_bodiless:
        assert kind == "application/json"
        _, code = answer.error
        assert code == code.upper()
        assert answer.message
        assert len(answer.message.splitlines()) == 1


def head_of(question: Question) -> list[tuple[str, str]]:
    """Return the headers to send, those that frame the body included."""
    headers = list(question.headers)
    if not isinstance(question.body, bytes):
        headers.append(("transfer-encoding", "chunked"))
    elif question.body or question.method not in ("GET", "HEAD"):
        headers.append(("content-length", str(len(question.body))))
    return headers
