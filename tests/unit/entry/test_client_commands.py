# SPDX-License-Identifier: Apache-2.0
"""The client commands together, against a server in a process of its own."""

import http.client
import json
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from entrepot.entry.cli import application
from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.server import Server
from tests.server import running_server

Run = Callable[..., str]
IMAGE = an_image_manifest()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Hold a server that runs as users run it."""
    with running_server() as server:
        yield server


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command that succeeds, for somebody with a home folder of their own; return what it prints."""

    def run(*arguments: str, typed: str = "") -> str:
        result = CliRunner().invoke(application, arguments, input=typed, env={"XDG_CONFIG_HOME": str(tmp_path)})
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    return run


def as_json(run: Run, *arguments: str) -> Any:
    """Run a command and return what it gives to programs."""
    return json.loads(run(*arguments, "--output", "json"))


def push(server: Server, token: str) -> None:
    """Push `IMAGE` as `team/app:1.0` with a token."""
    uploads = "/v2/team/app/blobs/uploads/?digest="
    requests = [("POST", f"{uploads}{digest_of(content)}", content) for content in (A_CONFIG, A_LAYER)]
    requests.append(("PUT", "/v2/team/app/manifests/1.0", IMAGE.payload))
    connection = http.client.HTTPConnection(server.authority, timeout=30)
    for method, target, content in requests:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": IMAGE.media_type}
        connection.request(method, target, content, headers)
        response = connection.getresponse()
        assert response.status == 201, response.read()
        response.read()
    connection.close()


def test_a_team_is_set_up_and_a_tag_comes_back(server: Server, run: Run, tmp_path: Path) -> None:
    """From the first login to the last, with a user who pushes with a token of her own."""
    run("login", server.url, "--user", "admin", "--password-stdin", typed=f"{server.password}\n")
    run("project", "create", "team")
    password = run("user", "create", "alice")
    run("grant", "create", "alice", "team/**", "admin")
    run("logout")
    run("login", server.url, "--user", "alice", "--password-stdin", typed=password)
    push(server, run("token", "create", "laptop", "--password-stdin", typed=password).strip())

    assert "team/app" in run("repo", "list")
    assert as_json(run, "artifact", "show", "team/app:1.0")["digest"] == IMAGE.digest
    run("tag", "delete", "team/app:1.0", "--yes")
    assert as_json(run, "tag", "list", "team/app")["items"] == []
    assert as_json(run, "tag", "history", "team/app:1.0")["items"][0]["previous"] == IMAGE.digest
    run("tag", "restore", "team/app:1.0", IMAGE.digest)
    assert IMAGE.digest in run("tag", "list", "team/app")
    assert run("logout") == f"Logged out of {server.url}. Its token is revoked.\n"
    assert json.loads((tmp_path / "entrepot/credentials.json").read_text()) == {"default": "", "servers": {}}
