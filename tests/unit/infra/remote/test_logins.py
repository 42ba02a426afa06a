# SPDX-License-Identifier: Apache-2.0
"""Where logins are kept, and which one is used."""

import stat
from pathlib import Path

import pytest

from entrepot.infra.remote.address import PlainHttpRefused
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.errors import NotLoggedIn
from entrepot.infra.remote.logins import CA_FILE_VARIABLE
from entrepot.infra.remote.logins import INSECURE_VARIABLE
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from entrepot.infra.remote.logins import URL_VARIABLE
from entrepot.infra.remote.logins import Logins
from entrepot.infra.remote.logins import LoginsUnreadable
from entrepot.infra.remote.logins import SavedLogin
from entrepot.infra.remote.logins import SavedLogins

ONE, OTHER = "https://one.example", "https://other.example"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The variables of somebody without any login."""
    return {"XDG_CONFIG_HOME": str(tmp_path)}


@pytest.fixture
def logins(environment: dict[str, str]) -> Logins:
    """Their logins."""
    return Logins(environment)


def test_a_login_is_for_its_owner_only(logins: Logins) -> None:
    """Folder and file, also when the file was there before."""
    for token in ("ent_a", "ent_b"):
        logins.keep(ONE, SavedLogin("alice", token))

    assert stat.S_IMODE(logins.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(logins.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in logins.path.parent.iterdir()] == ["credentials.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_can_read_is_not_used(logins: Logins, mode: int) -> None:
    """Whoever could read it has the tokens too."""
    logins.keep(ONE, SavedLogin("alice", "ent_a"))
    logins.path.chmod(mode)

    with pytest.raises(LoginsUnreadable, match="can be read by others"):
        logins.target()


def test_a_token_is_not_shown(logins: Logins) -> None:
    """Not even by accident."""
    assert "ent_a" not in repr(SavedLogin("alice", "ent_a"))


def test_the_last_login_is_meant(logins: Logins) -> None:
    """Another one is named by its server, in any form of its address."""
    logins.keep(ONE, SavedLogin("alice", "ent_a", ca_file="/ca.pem"))
    logins.keep(OTHER, SavedLogin("bob", "ent_b"))

    assert logins.target() == Target(OTHER, "ent_b")
    assert logins.target("ONE.example:443/") == Target(ONE, "ent_a", ca_file="/ca.pem")


def test_after_a_logout_another_login_is_meant(logins: Logins) -> None:
    """Until there is none."""
    logins.keep(ONE, SavedLogin("alice", "ent_a"))
    logins.keep(OTHER, SavedLogin("bob", "ent_b"))
    logins.forget(OTHER)
    assert logins.target().url == ONE
    logins.forget(ONE)

    with pytest.raises(NotLoggedIn, match="no login to any server"):
        logins.target()


def test_a_server_without_a_login_is_named(logins: Logins) -> None:
    """So that a typing mistake is seen."""
    with pytest.raises(NotLoggedIn, match=f"no login for {ONE}"):
        logins.target("one.example")


def test_variables_come_before_logins(logins: Logins, environment: dict[str, str]) -> None:
    """For the server that they name; a token may end with a line, as files do."""
    logins.keep(OTHER, SavedLogin("bob", "ent_b"))
    environment |= {URL_VARIABLE: "one.example", TOKEN_VARIABLE: "ent_e\n", CA_FILE_VARIABLE: "/ca.pem"}

    assert logins.target() == Target(ONE, "ent_e", ca_file="/ca.pem")
    assert logins.target(OTHER) == Target(OTHER, "ent_b")


def test_a_variable_may_choose_a_login(logins: Logins, environment: dict[str, str]) -> None:
    """An address without a token is that of a server logged in to; a token without an address is for none."""
    logins.keep(ONE, SavedLogin("alice", "ent_a"))
    logins.keep(OTHER, SavedLogin("bob", "ent_b"))
    environment[URL_VARIABLE] = ONE
    assert logins.target() == Target(ONE, "ent_a")
    environment |= {URL_VARIABLE: "", TOKEN_VARIABLE: "ent_e"}

    with pytest.raises(NotLoggedIn, match=f"{URL_VARIABLE} is not"):
        logins.target()


def test_no_token_crosses_the_network_in_the_clear(logins: Logins, environment: dict[str, str]) -> None:
    """Unless that was said, with a variable or when logging in."""
    environment |= {URL_VARIABLE: "http://one.example", TOKEN_VARIABLE: "ent_e"}
    with pytest.raises(PlainHttpRefused):
        logins.target()
    environment[INSECURE_VARIABLE] = "true"

    assert logins.target().url == "http://one.example"


@pytest.mark.parametrize("content", ["", "{", '{"servers": []}', '{"nonsense": 1}'])
def test_a_damaged_file_is_told(logins: Logins, content: str) -> None:
    """By its name, without what is in it."""
    logins.keep(ONE, SavedLogin("alice", "ent_a"))
    logins.path.write_text(content)

    with pytest.raises(LoginsUnreadable, match="does not hold logins"):
        logins.target()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With the variable that names another one."""
    (tmp_path / "file").touch()

    with pytest.raises(LoginsUnreadable, match="cannot be written") as refused:
        Logins({"XDG_CONFIG_HOME": str(tmp_path / "file")})._write(SavedLogins())
    assert "XDG_CONFIG_HOME" in refused.value.hint
