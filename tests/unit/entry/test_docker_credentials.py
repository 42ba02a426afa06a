# SPDX-License-Identifier: Apache-2.0
"""`docker-credential-entrepot`."""

import io
import json
from pathlib import Path

import pytest

from entrepot.entry.docker_credentials import MAX_INPUT_CHARACTERS
from entrepot.entry.docker_credentials import NOT_FOUND
from entrepot.entry.docker_credentials import answer
from entrepot.infra.remote.logins import Logins
from entrepot.infra.remote.logins import SavedLogin

URL = "https://registry.example"


@pytest.fixture
def logins(tmp_path: Path) -> Logins:
    """Two logins, one of them on this machine and by a token that was given."""
    logins = Logins({"XDG_CONFIG_HOME": str(tmp_path)})
    logins.keep(URL, SavedLogin("alice", "secret of alice"))
    logins.keep("http://127.0.0.1:5000", SavedLogin("bob", "secret of bob"))
    return logins


def ask(logins: Logins, command: str, typed: str = "") -> tuple[int, str]:
    """Ask the helper as a container tool does; return the exit status and what it said."""
    out = io.StringIO()
    status = answer([command], io.StringIO(typed), out, logins)
    return status, out.getvalue()


@pytest.mark.parametrize("address", ["registry.example", f"{URL}/", f"{URL}/v2/", "registry.example:443\n"])
def test_a_login_is_given_to_whatever_asks_for_its_server(logins: Logins, address: str) -> None:
    """With a scheme, a path or a port that says nothing, or without."""
    status, told = ask(logins, "get", address)

    assert status == 0
    assert json.loads(told) == {"ServerURL": address.strip(), "Username": "alice", "Secret": "secret of alice"}


def test_a_server_on_this_machine_is_found(logins: Logins) -> None:
    """Whose address has no scheme either."""
    status, told = ask(logins, "get", "127.0.0.1:5000")

    assert (status, json.loads(told)["Username"]) == (0, "bob")


@pytest.mark.parametrize("command", ["get", "erase"])
@pytest.mark.parametrize("address", ["other.example", "", "registry.example:5000", "a b", "x" * MAX_INPUT_CHARACTERS])
def test_what_is_not_kept_is_not_found(logins: Logins, command: str, address: str) -> None:
    """In the words that clients know; then they go on without a login."""
    assert ask(logins, command, address) == (1, f"{NOT_FOUND}\n")


def test_logins_are_listed_without_their_secrets(logins: Logins) -> None:
    """By the address of their server."""
    status, told = ask(logins, "list")

    assert (status, json.loads(told)) == (0, {URL: "alice", "http://127.0.0.1:5000": "bob"})


def test_a_login_is_erased(logins: Logins) -> None:
    """As `entrepot logout` does."""
    erased = ask(logins, "erase", "registry.example")

    assert erased == (0, "")
    assert set(logins.read().servers) == {"http://127.0.0.1:5000"}


def test_nothing_is_stored(logins: Logins) -> None:
    """A password is not to be kept in a file; the message says what to do instead, and repeats no secret."""
    wanted = json.dumps({"ServerURL": "registry.example", "Username": "eve", "Secret": "hush"})
    status, told = ask(logins, "store", wanted)

    assert status == 1
    assert "entrepot login URL" in told
    assert "hush" not in told


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["get", "more"]])
def test_wrong_usage_is_told(logins: Logins, arguments: list[str]) -> None:
    """To whoever runs it by hand."""
    out = io.StringIO()

    assert answer(arguments, io.StringIO(), out, logins) == 1
    assert out.getvalue().startswith("Usage:")


def test_a_file_that_others_may_read_is_refused(logins: Logins) -> None:
    """With the reason and the next step."""
    logins.path.chmod(0o644)
    status, told = ask(logins, "get", "registry.example")

    assert status == 1
    assert "can be read by others" in told
