# SPDX-License-Identifier: Apache-2.0
"""What is taken from somebody is taken everywhere: in three processes of a server, on three nodes of a database."""

import base64
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.databases import SERVER
from tests.builders.databases import section
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.server import HOST
from tests.server import Server
from tests.server import free_port
from tests.server import running_server
from tests.server import start_entrepot
from tests.server import stopping

PROCESSES = 3
ENOUGH_CONNECTIONS = 24
IN_FORCE_SECONDS = 3.0
"""Two seconds are promised with the bus that there is; the rest is for a busy machine."""
PATIENCE_SECONDS = 60.0
PASSWORD = "a password of bob"
JSON = "application/json"
IMAGE = an_image_manifest()
GRANT = {"principal": "user:bob", "path_pattern": "team/**", "role": "read"}


@dataclass(frozen=True, slots=True)
class Nodes:
    """Where they listen, and who administers them."""

    ports: tuple[int, ...]
    admin: str

    def ask(
        self, number: int, method: str, target: str, secret: str = "", body: bytes = b"", media_type: str = JSON
    ) -> tuple[int, Any]:
        """Send a request on a connection of its own to the node of this number; return status and answer."""
        given = base64.b64encode((secret or self.admin).encode()).decode()
        headers = {"authorization": f"Basic {given}", "content-type": media_type}
        port = self.ports[number % len(self.ports)]
        connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request(method, target, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        return answer.status, json.loads(content) if content.startswith(b"{") else None

    def everywhere(self, secret: str) -> set[int]:
        """Return how the list of tags is answered, over so many connections that each process has some."""
        return {self.ask(number, "GET", "/v2/team/app/tags/list", secret)[0] for number in range(ENOUGH_CONNECTIONS)}


@contextmanager
def nodes(folder: Path) -> Iterator[Nodes]:
    """Serve with three processes: of one server on SQLite, as three servers on PostgreSQL."""
    if not SERVER:
        with running_server(environment={"ENTREPOT_SERVER__WORKERS": str(PROCESSES)}) as server:
            yield Nodes((_port(server),), f"{server.user}:{server.password}")
        return
    url = section(folder).url
    assert url is not None
    shared = {"ENTREPOT_DATABASE__URL": url.get_secret_value()}
    with ExitStack() as stack:
        servers = []
        for _ in range(PROCESSES):
            server = start_entrepot(folder / "data", free_port(), "admins password", environment=shared)
            stack.enter_context(stopping(server.process, server.log))
            servers.append(server)
        yield Nodes(tuple(map(_port, servers)), f"{servers[0].user}:admins password")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Nodes with a repository, and bob, who may pull from it."""
    with nodes(tmp_path_factory.mktemp("nodes")) as running:
        for blob in (A_CONFIG, A_LAYER):
            target = f"/v2/team/app/blobs/uploads/?digest={digest_of(blob)}"
            assert running.ask(0, "POST", target, body=blob)[0] == 201
        put = running.ask(0, "PUT", "/v2/team/app/manifests/v1", body=IMAGE.payload, media_type=IMAGE.media_type)
        assert put[0] == 201, put
        bob = {"name": "bob", "password": PASSWORD}
        assert running.ask(0, "POST", "/api/v1/users", body=json.dumps(bob).encode())[0] == 201
        yield running


def answered_everywhere(running: Nodes, secret: str, status: int) -> None:
    """Shortly after something was changed every process knows of it."""
    ends_at = time.monotonic() + IN_FORCE_SECONDS
    while (statuses := running.everywhere(secret)) != {status} and time.monotonic() < ends_at:
        time.sleep(0.05)
    assert statuses == {status}


def granted(running: Nodes) -> tuple[str, str]:
    """Let bob pull; return the id of a personal token of bob's, and what bob logs in with by it."""
    assert running.ask(0, "POST", "/api/v1/grants", body=json.dumps(GRANT).encode())[0] in (200, 201)
    wanted = json.dumps({"name": f"t{time.monotonic_ns()}"}).encode()
    status, token = running.ask(0, "POST", "/api/v1/tokens", f"bob:{PASSWORD}", wanted)
    assert status == 201, token
    secret = f"bob:{token['secret']}"
    answered_everywhere(running, secret, 200)
    return token["id"], secret


def test_a_grant_that_was_taken_is_gone_everywhere(running: Nodes) -> None:
    """Whoever had it sees nothing of the repository any more."""
    _, secret = granted(running)

    query = urlencode(GRANT)
    assert running.ask(0, "DELETE", f"/api/v1/grants?{query}")[0] == 204
    answered_everywhere(running, secret, 404)


def test_a_token_that_was_revoked_is_good_nowhere(running: Nodes) -> None:
    """No process lets anybody in by it."""
    token_id, secret = granted(running)

    assert running.ask(1, "DELETE", f"/api/v1/tokens/{token_id}", f"bob:{PASSWORD}") == (204, None)
    answered_everywhere(running, secret, 401)


def test_a_user_who_was_disabled_is_out_everywhere(running: Nodes) -> None:
    """With every credential."""
    _, secret = granted(running)

    assert running.ask(2, "PATCH", "/api/v1/users/bob", body=b'{"disabled": true}')[0] == 200
    answered_everywhere(running, secret, 401)
    assert running.ask(0, "GET", "/v2/", f"bob:{PASSWORD}")[0] == 401


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who gets at something by what is about to be taken away: what is asked with, and what is answered."""

    headers: dict[str, str]
    change: tuple[str, str, object]
    """The request by which the administrator takes it away."""
    status: int = 404
    """How the holder is answered after that."""
    target: str = "/v2/team/app/tags/list"

    def everywhere(self, running: Nodes) -> set[int]:
        """Return how the holder is answered, over so many connections that each process has some."""
        return {self._ask(running.ports[number % len(running.ports)]) for number in range(ENOUGH_CONNECTIONS)}

    def _ask(self, port: int) -> int:
        with closing(http.client.HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("GET", self.target, headers=self.headers)
            return connection.getresponse().status


def administered(running: Nodes, method: str, target: str, body: object = None) -> Any:
    """Let the administrator do something in the management API, and return the answer."""
    encoded = b"" if body is None else json.dumps(body).encode()
    status, answer = running.ask(1, method, f"/api/v1/{target}", body=encoded)
    assert status < 300, answer
    return answer


def a_robot(running: Nodes, name: str, grant: dict[str, str] | None = None) -> dict[str, str]:
    """Make a robot of the project; return the header that it asks with."""
    nothing = {"path_pattern": "elsewhere/app", "role": "view"}
    made = administered(running, "POST", "robots", {"name": name, "project": "team", "grants": [grant or nothing]})
    return {"authorization": f"Bearer {made['secret']}"}


def by_groups(running: Nodes) -> dict[str, Holder]:
    """Let robots have rights by a custom role, a group, and a group in a group."""
    role = {"name": "puller", "actions": ["pull"]}
    administered(running, "POST", "roles", role)
    by_role = a_robot(running, "by-role", {"path_pattern": "team/**", "role": "puller"})
    holders = {"role": Holder(by_role, ("PUT", "roles/puller", {"actions": ["scan"]}))}
    for name in ("direct", "outer", "inner"):
        administered(running, "POST", "groups", {"name": name})
    for name, group in (("grouped", "direct"), ("nested", "inner")):
        holders[name] = Holder(a_robot(running, name), ("DELETE", f"groups/{group}/members/robot:team.{name}", None))
        administered(running, "PUT", f"groups/{group}/members/robot:team.{name}")
    administered(running, "PUT", "groups/outer/members/group:inner")
    holders["nested"] = Holder(holders["nested"].headers, ("DELETE", "groups/outer/members/group:inner", None))
    for group in ("direct", "outer"):
        administered(running, "POST", "grants", GRANT | {"principal": f"group:{group}"})
    return holders


def by_login(running: Nodes) -> dict[str, Holder]:
    """Let there be robots that log in, somebody in a session, and a project that is open to everybody."""
    reading = {"path_pattern": "team/**", "role": "read"}
    disabled, moved = a_robot(running, "disabled", reading), a_robot(running, "moved", reading)
    status, session, cookie = logged_in(running)
    assert status == 201, session
    administered(running, "POST", "projects", {"name": "open", "visibility": "public"})
    closing_it = {"name": "closing", "kind": "no-public", "path_pattern": "open/**", "mode": "enforce"}
    elsewhere = {"allowed_addresses": ["203.0.113.0/24"]}
    return {
        "disabled": Holder(disabled, ("POST", "robots/team.disabled:disable", {}), 401),
        "moved": Holder(moved, ("PATCH", "robots/team.moved", elsewhere), 401),
        "session": Holder(
            {"cookie": cookie}, ("DELETE", f"sessions/{session['id']}?user=bob", None), 401, "/api/v1/users/me"
        ),
        "guardrail": Holder({}, ("POST", "guardrails", closing_it), 401, "/api/v1/projects/open"),
    }


def logged_in(running: Nodes) -> tuple[int, Any, str]:
    """Let bob log in with a browser; return the status, the session, and the cookie."""
    with closing(http.client.HTTPConnection(HOST, running.ports[0], timeout=PATIENCE_SECONDS)) as connection:
        login = json.dumps({"name": "bob", "password": PASSWORD})
        connection.request("POST", "/api/v1/sessions", login, {"content-type": JSON})
        answer = connection.getresponse()
        cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        return answer.status, json.loads(answer.read()), cookie


def test_whatever_else_is_taken_is_gone_everywhere(running: Nodes) -> None:
    """A role that allows less, a group that was left, a robot, its addresses, a session; and a guardrail counts."""
    if running.ask(0, "GET", "/api/v1/users/bob")[1]["disabled"]:
        administered(running, "PATCH", "users/bob", {"disabled": False})
    holders = by_groups(running) | by_login(running)
    before = {name: statuses_of(running, holder, 200) for name, holder in holders.items()}

    for holder in holders.values():
        administered(running, *holder.change)

    assert before == {name: {200} for name in holders}
    after = {name: statuses_of(running, holder, holder.status) for name, holder in holders.items()}
    assert after == {name: {holder.status} for name, holder in holders.items()}


def statuses_of(running: Nodes, holder: Holder, wanted: int) -> set[int]:
    """Return how somebody is answered everywhere, as soon as it is as wanted, or it takes too long."""
    ends_at = time.monotonic() + IN_FORCE_SECONDS
    while (statuses := holder.everywhere(running)) != {wanted} and time.monotonic() < ends_at:
        time.sleep(0.05)
    return statuses


def _port(server: Server) -> int:
    return int(urlsplit(server.url).port or 0)
