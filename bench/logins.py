# SPDX-License-Identifier: Apache-2.0
"""The row of the token endpoint: signed tokens for credentials that are known already."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from itertools import islice
from urllib.parse import quote

import msgspec

from bench import crowd
from bench.client import announced_length
from bench.client import drive
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_least
from bench.measurement import measure
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from tests.server import HOST

CONNECTIONS = 32
SECONDS = 2.5
WARM_UP_SECONDS = 60.0
TOKENS_PER_SECOND = 1_000


class Answered(msgspec.Struct):
    """What is read of an answer of the token endpoint."""

    token: str


class Granted(msgspec.Struct):
    """One entry of a token's `access`."""

    name: str
    actions: list[str]


class Claimed(msgspec.Struct):
    """What is read of a token."""

    sub: str
    access: list[Granted]


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Asks for one token, and knows who it must be for and what it must allow."""

    wire: bytes
    subject: str
    repository: str

    def is_whole(self, head: bytes, body: bytes) -> bool:
        """Tell by the announced length: no two tokens are the same."""
        return len(body) >= announced_length(head)

    def is_right(self, head: bytes, body: bytes) -> bool:
        """Read the claims; the signature is not checked."""
        token = msgspec.json.decode(body, type=Answered).token
        payload = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=Claimed)
        return claims.sub == self.subject and claims.access == [Granted(self.repository, ["pull"])]


def token_request(port: int, person: int, secret: str, repository: str) -> TokenRequest:
    """Ask as clients do: name and secret by Basic, one scope to pull."""
    name = crowd.name_of(person)
    login = base64.b64encode(f"{name}:{secret}".encode()).decode()
    path = f"/auth/token?service=entrepot&scope={quote(f'repository:{repository}:pull')}"
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nUser-Agent: docker/28.2.2 go/go1.23.8\r\n"
    return TokenRequest(f"{head}Authorization: Basic {login}\r\n\r\n".encode(), f"user:{name}", repository)


def tokens(workspace: Workspace, rounds: int) -> Outcome:
    """Fetch tokens with 1,000 passwords that were verified once, and with 1,000 personal tokens."""
    people = crowd.build(workspace.fresh("crowd"))
    passwords = [crowd.password_of(person) for person in range(crowd.PEOPLE)]
    with ExitStack() as stack:
        server = stack.enter_context(entrepot(people.data))
        sides = {
            "passwords, verified once": _fetching(server, passwords),
            "personal tokens": _fetching(server, people.secrets),
        }
        samples = measure(sides, rounds)
    conditions = {
        "connections": CONNECTIONS,
        "seconds a round": SECONDS,
        "credentials": f"{crowd.PEOPLE} of each kind, every one used once before each round",
        "scopes": "one to pull, never the same again",
        "cpu": "seconds per 100,000 tokens",
        "entrepot": "one process",
    }
    bounds = [
        at_least(side, [sample.value for sample in some], TOKENS_PER_SECOND, "tokens/s")
        for side, some in samples.items()
    ]
    return Outcome("token endpoint", "tokens/s", samples, [], conditions, bounds)


def _fetching(server: Server, secrets: list[str]) -> Round:
    requests = _requests(server.port, secrets)

    def run(_number: int) -> Sample:
        _use_each_once(server, secrets)
        before = server.cpu_seconds()
        load = drive(server.port, requests, CONNECTIONS, SECONDS)
        cpu = (server.cpu_seconds() - before) / load.answers * 100_000
        return Sample(load.answers / load.seconds, cpu, load.latency_ms(0.5), load.latency_ms(0.99))

    return run


def _requests(port: int, secrets: list[str]) -> Iterator[TokenRequest]:
    """Ask for another repository each time, and with another credential each time until all have had their turn."""
    for number in count():
        person = number % len(secrets)
        yield token_request(port, person, secrets[person], f"{crowd.project_of(person)}/app-{number // len(secrets)}")


def _use_each_once(server: Server, secrets: list[str]) -> None:
    """Log in with each: what is remembered of passwords lasts five minutes."""
    drive(server.port, islice(_requests(server.port, secrets), len(secrets)), CONNECTIONS, WARM_UP_SECONDS)
