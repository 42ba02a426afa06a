# SPDX-License-Identifier: Apache-2.0
"""The registry that a story is played at, and what stands in it: made through its own APIs."""

import base64
import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.sessions.tables import sessions
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.server import Server

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Registry:
    """A running server, and requests to it as somebody."""

    server: Server

    @property
    def console(self) -> str:
        """Where the console is, by a name: browsers take security keys at names only."""
        return self.server.url.replace("127.0.0.1", "localhost")

    @property
    def address(self) -> str:
        """What names of images begin with, as the console tells it."""
        return self.console.partition("://")[2]

    def ask(self, method: str, path: str, body: object = None, *, user: str = "") -> Any:
        """Send JSON to the management API as a user, the administrator unless named; return what was answered."""
        content = None if body is None else json.dumps(body).encode()
        text = self._send(method, path, content, "application/json", user)
        return json.loads(text) if text else None

    def add_user(self, name: str, *grants: tuple[str, str]) -> None:
        """Make a user with `PASSWORD`, and give it roles: pairs of path pattern and role."""
        self.ask("POST", "/api/v1/users", {"name": name, "password": PASSWORD})
        for pattern, role in grants:
            grant = {"principal": f"user:{name}", "path_pattern": pattern, "role": role}
            self.ask("POST", "/api/v1/grants", grant)

    def push_blob(self, repository: str, content: bytes, *, user: str = "") -> None:
        """Push a blob in one request."""
        path = f"/v2/{repository}/blobs/uploads/?digest={quote(digest_of(content))}"
        self._send("POST", path, content, "application/octet-stream", user)

    def push_manifest(self, repository: str, manifest: BuiltManifest, reference: str = "", *, user: str = "") -> str:
        """Push a manifest under a tag or its digest; return the digest."""
        path = f"/v2/{repository}/manifests/{reference or manifest.digest}"
        self._send("PUT", path, manifest.payload, manifest.media_type, user)
        return str(manifest.digest)

    def push_image(self, repository: str, tag: str, *, user: str = "", **fields: object) -> str:
        """Push a small image; `fields` are added to its manifest. Return its digest."""
        for content in (A_CONFIG, A_LAYER):
            self.push_blob(repository, content, user=user)
        return self.push_manifest(repository, an_image_manifest(**fields), tag, user=user)  # type: ignore[arg-type]

    def pull_manifest(self, repository: str, reference: str, *, user: str = "") -> bytes:
        """Fetch a manifest as a client does that pulls."""
        return self._send("GET", f"/v2/{repository}/manifests/{reference}", None, "", user)

    def login_status(self, user: str, password: str) -> int:
        """Log in to the registry's API as clients do, and return the status that was answered."""
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        with closing(HTTPConnection(self.server.authority, timeout=30)) as connection:
            connection.request("GET", "/v2/", headers={"Authorization": f"Basic {login}"})
            return connection.getresponse().status

    def age_logins(self) -> None:
        """Let everybody's last proof of identity be too old for dangerous acts."""
        with closing(SqliteDatabase(self.server.data / DATABASE_FILE)) as database:
            database.write_now(_forget_proofs)

    def _send(self, method: str, path: str, body: bytes | None, content_type: str, user: str) -> bytes:
        login = f"{user}:{PASSWORD}" if user else f"{self.server.user}:{self.server.password}"
        headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
        if body is not None:
            headers["Content-Type"] = content_type
        with closing(HTTPConnection(self.server.authority, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {content!r}"
        return content


def _forget_proofs(connection: Connection) -> None:
    connection.execute(update(sessions).values(proved_at=0))
