# SPDX-License-Identifier: Apache-2.0
"""Browsers that show the console: they keep cookies, and send what a page of ours would."""

import json

from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import Header

SESSION = "/api/v1/session"
SESSIONS = "/api/v1/sessions"
HOST: Header = ("host", "localhost:5000")


class Browser:
    """A browser with one window. `headers` go with every request; without a `Host` among them, that is `HOST`."""

    def __init__(self, application: Application, *headers: Header) -> None:
        named = headers if any(name == "host" for name, _ in headers) else (HOST, *headers)
        self._client = Client(application.server, named)
        self.cookies: dict[str, str] = {}
        self.csrf_token = ""

    @property
    def cookie(self) -> Header:
        """What it sends of its cookies."""
        return "cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @property
    def as_client(self) -> Client:
        """The same browser, for requests that change neither its cookies nor its session."""
        token = (("x-csrf-token", self.csrf_token),) if self.csrf_token else ()
        return Client(self._client.server, (*self._client.headers, *token, *([self.cookie] if self.cookies else [])))

    async def send(self, method: str, target: str, document: object = None, *headers: Header) -> Answer:
        """Send a request of the console, with JSON unless `document` is None, and take the cookies that come back."""
        body = b"" if document is None else json.dumps(document).encode()
        typed = (("content-type", "application/json"),) if body else ()
        answer = await self.as_client.send(method, target, body, *typed, *headers)
        self._take(answer)
        return answer

    async def get(self, target: str = SESSION) -> Answer:
        """Send a GET."""
        return await self.send("GET", target)

    async def post(self, target: str, document: object, *headers: Header) -> Answer:
        """Send a POST of JSON."""
        return await self.send("POST", target, document, *headers)

    async def log_in(self, name: str, password: str = PASSWORD) -> Answer:
        """Log in, and know the token of the new session if there is one."""
        return await self.post(SESSIONS, {"name": name, "password": password})

    def twin(self, application: Application) -> "Browser":
        """Return a browser with the same cookies: that of a thief, or this one before something happens."""
        other = Browser(application, *self._client.headers)
        other.cookies, other.csrf_token = dict(self.cookies), self.csrf_token
        return other

    def _take(self, answer: Answer) -> None:
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
                if not self.cookies[key]:
                    del self.cookies[key]
        is_session = answer.status in (200, 201) and b'"csrf_token"' in answer.body
        self.csrf_token = answer.json["csrf_token"] if is_session else self.csrf_token


async def logged_in(application: Application, name: str, *granted: tuple[str, str], is_admin: bool = False) -> Browser:
    """Return the browser of a new user who has just logged in."""
    await application.user(name, *granted, is_admin=is_admin)
    browser = Browser(application)
    answer = await browser.log_in(name)
    assert answer.status == 201, answer.body
    return browser
