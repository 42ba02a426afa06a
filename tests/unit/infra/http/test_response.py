# SPDX-License-Identifier: Apache-2.0
"""Responses: framed exactly, whatever their body is made of and whatever became of the request's."""

from collections.abc import AsyncIterator
from collections.abc import Sequence
from pathlib import Path

import pytest

from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Request
from entrepot.infra.http.response import FILE_CHUNK_BYTES
from entrepot.infra.http.response import FIRST_BYTES
from entrepot.infra.http.response import FIRST_CHUNK_BYTES
from entrepot.infra.http.response import Body
from entrepot.infra.http.response import FileBody
from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from tests.builders.requests import a_request

pytestmark = pytest.mark.anyio
PIECES = [b"one", b"two"]
LARGE = bytes(range(256)) * 8192


async def sent(response: Response, request: Request) -> tuple[Message, bytes]:
    """Send a response; return its start and its body, whole."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        """Take what is sent (ASGI)."""
        messages.append(message)

    await response.send(request, send)
    start, *bodies = messages
    assert start["type"] == "http.response.start"
    assert [bool(each.get("more_body")) for each in bodies] == [True] * (len(bodies) - 1) + [False]
    return start, b"".join(each.get("body", b"") for each in bodies)


async def stream(pieces: Sequence[bytes] = PIECES) -> AsyncIterator[bytes]:
    """Be a body that comes in pieces."""
    for piece in pieces:
        yield piece


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that is larger than one piece."""
    path = tmp_path / "file"
    path.write_bytes(LARGE)
    return path


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_bytes_are_sent_with_their_length(method: str) -> None:
    """HEAD gets the length of the body that GET gets, and none of it."""
    start, body = await sent(Response(200, [(b"x", b"y")], b"onetwo"), a_request(method))

    assert start["headers"] == [(b"x", b"y"), (b"content-length", b"6")]
    assert body == (b"" if method == "HEAD" else b"onetwo")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_stream_is_sent_with_the_length_announced(method: str) -> None:
    """A stream needs to say how long it is."""
    start, body = await sent(Response(200, [], stream(), 6), a_request(method))

    assert start["headers"] == [(b"content-length", b"6")]
    assert body == (b"" if method == "HEAD" else b"onetwo")


async def test_a_stream_without_a_length_is_a_defect() -> None:
    """Nothing is sent whose end a client could not tell."""
    with pytest.raises(TypeError):
        await sent(Response(200, [], stream()), a_request())


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_that_has_no_body_has_no_length(status: int) -> None:
    """204 and 304 are sent without either."""
    start, body = await sent(Response(status, [(b"etag", b'"x"')]), a_request())

    assert (start["headers"], body) == ([(b"etag", b'"x"')], b"")


@pytest.mark.parametrize(
    ("start", "stop"), [(0, len(LARGE)), (1, 10), (5, FILE_CHUNK_BYTES + 5), (3, 3), (FILE_CHUNK_BYTES, len(LARGE) - 1)]
)
async def test_a_part_of_a_file_is_sent(file: Path, start: int, stop: int) -> None:
    """Exactly the bytes from `start` to `stop` are sent, small parts and large ones."""
    head, body = await sent(Response(206, [], FileBody(file, start, stop, False)), a_request())

    assert head["headers"] == [(b"content-length", b"%d" % (stop - start))]
    assert body == LARGE[start:stop]


async def test_a_large_file_begins_in_small_chunks(tmp_path: Path) -> None:
    """So that little waits in memory for a reader who is slow from the start; a long answer costs few chunks."""
    file, stop, sizes = tmp_path / "file", FIRST_BYTES + 3 * FILE_CHUNK_BYTES, []
    with file.open("wb") as opened:
        opened.truncate(stop)

    async def send(message: Message) -> None:
        """Take what is sent (ASGI)."""
        sizes.append(len(message.get("body", b"")))

    await Response(200, [], FileBody(file, 0, stop, False)).send(a_request(), send)

    assert [size for size in sizes if size] == [FIRST_CHUNK_BYTES] * (FIRST_BYTES // FIRST_CHUNK_BYTES) + [
        FILE_CHUNK_BYTES
    ] * 3


@pytest.mark.parametrize("stop", [len(LARGE) + 1, len(LARGE) + FILE_CHUNK_BYTES])
async def test_a_file_that_became_shorter_breaks_the_answer(file: Path, stop: int) -> None:
    """Fewer bytes than announced are an error, never a short answer."""
    body: Body = FileBody(file, len(LARGE) - 10, stop, False)

    with pytest.raises(OSError, match="early"):
        await sent(Response(200, [], body), a_request())


@pytest.mark.parametrize("is_whole", [True, False])
async def test_a_server_that_can_sends_whole_files_itself(file: Path, is_whole: bool) -> None:
    """A whole file is handed over by its path where the server offers that; a part never is."""
    request = a_request()
    request.scope["extensions"] = {"http.response.pathsend": {}}
    messages: list[Message] = []

    async def send(message: Message) -> None:
        """Take what is sent (ASGI)."""
        messages.append(message)

    await Response(200, [], FileBody(file, 0, 10, is_whole)).send(request, send)

    assert messages[1]["type"] == ("http.response.pathsend" if is_whole else "http.response.body")
    assert messages[0]["headers"] == [(b"content-length", b"10")]


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\0b"])
def test_a_header_cannot_be_split(value: str) -> None:
    """A value with a line break is a defect, not a second header."""
    with pytest.raises(ValueError, match="control character"):
        header_list([("location", value)])


def test_headers_are_encoded_for_the_server() -> None:
    """Names in lower case; what Latin-1 lacks is replaced."""
    assert header_list([("X-Name", "caf\u00e9 \u2603")]) == [(b"x-name", b"caf\xe9 ?")]
