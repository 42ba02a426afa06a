# SPDX-License-Identifier: Apache-2.0
"""A client of the management API: answers as they are, pages followed, refusals as errors with their hint."""

import json
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from email.message import Message
from http.client import HTTPException
from types import MappingProxyType
from typing import IO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.parse import urlencode
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler
from urllib.request import HTTPSHandler
from urllib.request import OpenerDirector
from urllib.request import ProxyHandler
from urllib.request import Request
from urllib.request import build_opener

from entrepot import __version__
from entrepot.infra.remote.address import is_loopback_url
from entrepot.infra.remote.address import origin_of
from entrepot.infra.remote.errors import AuthoritiesUnreadable
from entrepot.infra.remote.errors import MalformedSecret
from entrepot.infra.remote.errors import NoSuchServer
from entrepot.infra.remote.errors import NotFollowed
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.errors import ServerUnreachable
from entrepot.infra.remote.errors import refusal
from entrepot.kernel.errors import AppError

Item = Mapping[str, Any]
"""An object of the API's JSON, as docs/reference/openapi.json describes it."""

SECONDS = 30.0
PAUSES_SECONDS = (0.5, 1.0, 2.0)
MAX_WAIT_SECONDS = 10.0
PAGE_ITEMS = 1_000

TOO_MANY_REQUESTS = 429
_PASSING = (TOO_MANY_REQUESTS, 502, 503)
_SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Target:
    """A server, and who asks it: with a token, or with the password of `user`.

    `ca_file` names the authorities that may vouch for the server, in place of those of the system.
    """

    url: str
    secret: str = field(default="", repr=False)
    user: str = ""
    ca_file: str = ""

    @property
    def authorization(self) -> str:
        """The header that proves who asks; empty for nobody. Raises `MalformedSecret`."""
        if self.user:
            return f"Basic {b64encode(f'{self.user}:{self.secret}'.encode(errors='surrogatepass')).decode()}"
        if not all("!" <= each <= "~" for each in self.secret):
            raise MalformedSecret
        return f"Bearer {self.secret}" if self.secret else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Message
    content: bytes


class Client:
    """Talks to one server. Every method raises `ServerRefused`, `ServerUnreachable`, `NoSuchServer`, `NotFollowed`."""

    def __init__(self, target: Target, wait: Callable[[float], None] = time.sleep) -> None:
        self.target = target
        self.wait = wait
        self._opener = _opener(target)

    def get(self, path: str, **query: str) -> Item:
        """Return what is at a path below `/api/v1/`."""
        return self._decoded(self.send("GET", self.address(path, query)))

    def post(self, path: str, body: Item) -> Item:
        """Ask for something to be made or done."""
        return self._item("POST", path, body)

    def put(self, path: str, body: Item) -> Item:
        """Put something in its place."""
        return self._item("PUT", path, body)

    def patch(self, path: str, body: Item, **query: str) -> Item:
        """Change something."""
        return self._decoded(self.send("PATCH", self.address(path, query), body))

    def delete(self, path: str, **query: str) -> None:
        """Delete something."""
        self.send("DELETE", self.address(path, query))

    def delete_and_tell(self, path: str) -> Item:
        """Delete something and return what that did."""
        return self._item("DELETE", path)

    def items(self, path: str, limit: int | None = None, **query: str) -> list[Item]:
        """Return up to `limit` items of a list, all of them for None, page after page."""
        return self._pages("GET", path, None, limit, query)

    def items_about(self, path: str, body: Item, limit: int | None = None) -> list[Item]:
        """Return the same of a list that is asked for with a document."""
        return self._pages("POST", path, body, limit, {})

    def _pages(
        self, method: str, path: str, body: Item | None, limit: int | None, query: Mapping[str, str]
    ) -> list[Item]:
        found: list[Item] = []
        cursor = ""
        while True:
            size = min(PAGE_ITEMS, PAGE_ITEMS if limit is None else limit - len(found))
            page = {**query, "limit": str(size), **({"cursor": cursor} if cursor else {})}
            answer = self.send(method, self.address(path, page), body)
            items = self._decoded(answer).get("items")
            if not isinstance(items, list):
                raise NoSuchServer(f"what {self.target.url} answered is no list")
            found += items
            cursor = _next_cursor(answer.headers)
            if not cursor or (limit is not None and len(found) >= limit):
                return found[:limit]

    def lines(self, url: str, headers: Item) -> Iterator[str]:
        """Yield the lines of an answer as they arrive, until the server ends it."""
        request = Request(url, headers={**self._headers(), **headers})  # noqa: S310 - a target is http or https
        try:
            with _opened(self._opener, request) as response:
                if response.status >= 400:
                    raise self._refusal(Answer(response.status, response.headers, response.read()))
                for line in response:
                    yield line.decode(errors="replace").rstrip("\r\n")
        except (HTTPException, OSError) as error:
            raise ServerUnreachable.because(self.target.url, error) from None

    def send(self, method: str, url: str, body: Item | None = None) -> Answer:
        """Send a request to an address of this server, again while it passes that it cannot answer."""
        headers = self._headers()
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        request = Request(url, content, headers, method=method)  # noqa: S310 - a target is http or https
        for pause in _pauses(method):
            answer = self._once(request)
            if answer.status < 400:
                return answer
            seconds = _seconds_until(answer, pause)
            if seconds is None:
                break
            self.wait(seconds)
        raise self._refusal(answer)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "*/*", "User-Agent": f"entrepot/{__version__}"}
        if self.target.authorization:
            headers["Authorization"] = self.target.authorization
        return headers

    def _refusal(self, answer: Answer) -> AppError:
        is_by_token = bool(self.target.secret) and not self.target.user
        error = refusal(self.target.url, answer.status, answer.headers, answer.content, is_by_token=is_by_token)
        if answer.status == TOO_MANY_REQUESTS and isinstance(error, NoSuchServer):
            # What stands before a server limits requests too, and has no words of ours.
            wait = _retry_after(answer)
            hint = "Try again shortly." if wait is None else f"Try again in {wait} s."
            return ServerRefused(f"{self.target.url} gets too many requests", status=429, reason="", hint=hint)
        return error

    def _once(self, request: Request) -> Answer:
        try:
            with _opened(self._opener, request) as response:
                return Answer(response.status, response.headers, response.read())
        except (HTTPException, OSError) as error:
            raise ServerUnreachable.because(self.target.url, error) from None

    def _item(self, method: str, path: str, body: Item | None = None) -> Item:
        return self._decoded(self.send(method, self.address(path), body))

    def address(self, path: str, query: Mapping[str, str] = MappingProxyType({})) -> str:
        """Return the address of a path below `/api/v1/`."""
        return f"{self.target.url}/api/v1/{path}{'?' if query else ''}{urlencode(query, errors='surrogatepass')}"

    def _decoded(self, answer: Answer) -> Item:
        try:
            decoded = json.loads(answer.content)
        except (ValueError, RecursionError):
            decoded = None
        if not isinstance(decoded, dict):
            raise NoSuchServer(f"what {self.target.url} answered is not from the management API")
        return decoded


class _SameServer(HTTPRedirectHandler):
    """Follows a redirect only where the credentials belong, and only when nothing was to be changed."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        if req.get_method() not in _SAFE or origin_of(newurl) != origin_of(req.full_url):
            raise NotFollowed(f"{origin_of(req.full_url)} sends on to {newurl[:200]!r}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(target: Target) -> OpenerDirector:
    handlers: list[Any] = [_SameServer()]
    if is_loopback_url(target.url):
        handlers.append(ProxyHandler({}))
    if target.url.startswith("https:"):
        handlers.append(HTTPSHandler(context=_tls_context(target.ca_file)))
    return build_opener(*handlers)


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else "it is no PEM"
        raise AuthoritiesUnreadable(f"the authorities in {ca_file} cannot be read: {cause}") from None


def _opened(opener: OpenerDirector, request: Request) -> Any:
    """Return the response, whatever its status: urllib raises those that it takes for errors."""
    try:
        return opener.open(request, timeout=SECONDS)
    except HTTPError as error:
        return error


def _pauses(method: str) -> tuple[float | None, ...]:
    """Return how long to wait after each attempt, None to give up: only what changes nothing is asked for again."""
    return (*PAUSES_SECONDS, None) if method in _SAFE else (None,)


def _seconds_until(answer: Answer, pause: float | None) -> float | None:
    if pause is None or answer.status not in _PASSING:
        return None
    wanted = _retry_after(answer)
    seconds = pause if wanted is None else float(wanted)
    return seconds if seconds <= MAX_WAIT_SECONDS else None


def _retry_after(answer: Answer) -> int | None:
    """Return the seconds that an answer asks to wait, None when it names none (RFC 9110 section 10.2.3)."""
    wanted = answer.headers.get("Retry-After", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None


def _next_cursor(headers: Message) -> str:
    address, _, relation = headers.get("Link", "").partition(">")
    is_next = 'rel="next"' in relation
    return parse_qs(urlsplit(address.lstrip("<")).query).get("cursor", [""])[0] if is_next else ""
