# SPDX-License-Identifier: Apache-2.0
"""The plain-HTTP side of `--tls acme`: answers challenges (RFC 8555 section 8.3) and redirects the rest to https."""

import asyncio
import re
from pathlib import Path

from entrepot.infra.http.authority import host_name
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.infra.http.tls.folder import make_folder
from entrepot.infra.http.tls.folder import write_whole

WELL_KNOWN = "/.well-known/acme-challenge/"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Challenges:
    """The answers to challenges that are open, in a folder that all server processes read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, token: str, answer: str) -> None:
        """Let the authority find `answer`. Raises `CertificateUnusable`, and `ValueError` for a token that is none."""
        if not _TOKEN.fullmatch(token):
            raise ValueError("the authority sent a challenge whose token is not base64url")
        make_folder(self._folder)
        write_whole(self._folder / token, answer.encode())

    def clear(self) -> None:
        """Forget all answers."""
        if self._folder.is_dir():
            for answer in self._folder.iterdir():
                answer.unlink(missing_ok=True)

    def answer(self, token: str) -> bytes | None:
        """Return the answer to a challenge, None when it is not open."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            return (self._folder / token).read_bytes()
        except OSError:
            return None


class ChallengeApplication:
    """The ASGI application of the plain port; `hosts` are the names that it redirects for, to `port`."""

    def __init__(self, challenges: Challenges, hosts: frozenset[str], port: int) -> None:
        self._challenges = challenges
        self._hosts = hosts
        self._suffix = "" if port == 443 else f":{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        request = Request(scope, receive)
        await (await self._respond(request, scope)).send(request, send)

    async def _respond(self, request: Request, scope: Scope) -> Response:
        path: str = scope["path"]
        if path.startswith(WELL_KNOWN) and request.method in ("GET", "HEAD"):
            answer = await asyncio.to_thread(self._challenges.answer, path.removeprefix(WELL_KNOWN))
            if answer is not None:
                return Response(200, [(b"content-type", b"application/octet-stream")], answer)
            return _plain(404, "There is no such challenge.\n")
        host = host_name(request.header(b"host") or "")
        if host not in self._hosts:
            return _plain(421, "This host is not served here.\n")
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        response = _plain(308, "Use https.\n")
        location = b"https://" + f"{host}{self._suffix}".encode("ascii") + target
        return Response(308, [*response.headers, (b"location", location)], response.body)


def _plain(status: int, text: str) -> Response:
    return Response(status, [(b"content-type", b"text/plain; charset=utf-8")], text.encode())
