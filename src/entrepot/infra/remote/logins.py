# SPDX-License-Identifier: Apache-2.0
"""Where logins are kept between commands, and which of them a command uses."""

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from entrepot.infra.remote.address import require_safe
from entrepot.infra.remote.address import server_url
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.errors import NotLoggedIn
from entrepot.kernel.errors import AppError

URL_VARIABLE = "ENTREPOT_REMOTE__URL"
TOKEN_VARIABLE = "ENTREPOT_REMOTE__TOKEN"  # noqa: S105 - the name of a variable
CA_FILE_VARIABLE = "ENTREPOT_REMOTE__CA_FILE"
INSECURE_VARIABLE = "ENTREPOT_REMOTE__INSECURE_HTTP"
VARIABLES = frozenset({URL_VARIABLE, TOKEN_VARIABLE, CA_FILE_VARIABLE, INSECURE_VARIABLE})
"""What the environment may say about the server to ask. No settings of a server."""

_FILE = Path("entrepot", "credentials.json")
_TOO_OPEN = "Remove it and log in again; where others may have read it, revoke its tokens too: entrepot token list."


class LoginsUnreadable(AppError):
    """The file with the logins cannot be used."""

    code = "logins_unreadable"
    default_hint = "Correct or remove it, then log in again."


class SavedLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A login: whom the server knows, and the token. `token_id` is that of a token made by logging in."""

    name: str
    token: str
    token_id: str = ""
    ca_file: str = ""
    insecure_http: bool = False

    def __repr__(self) -> str:
        return f"SavedLogin({self.name!r})"


class SavedLogins(msgspec.Struct, forbid_unknown_fields=True):
    """Logins by the address of their server, and the address that is meant where none is named."""

    default: str = ""
    servers: dict[str, SavedLogin] = {}


class Logins:
    """The logins of whoever runs the command: a file that only they can read, and variables that come before it."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    @property
    def path(self) -> Path:
        """Return where the file is, or would be (XDG Base Directory Specification)."""
        folder = Path(self._environment.get("XDG_CONFIG_HOME", ""))
        try:
            return (folder if folder.is_absolute() else Path.home() / ".config") / _FILE
        except RuntimeError:
            hint = "Set HOME or XDG_CONFIG_HOME, or give server and token with variables."
            raise LoginsUnreadable("there is no home folder to keep logins in", hint=hint) from None

    def read(self) -> SavedLogins:
        """Return what is kept, which may be nothing. Raises `LoginsUnreadable`, also if others may read it."""
        try:
            with self.path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise LoginsUnreadable(f"{self.path} can be read by others", hint=_TOO_OPEN)
                return msgspec.json.decode(file.read(), type=SavedLogins)
        except FileNotFoundError:
            return SavedLogins()
        except OSError as error:
            raise LoginsUnreadable(f"{self.path} cannot be read: {error.strerror}") from None
        except msgspec.MsgspecError:
            raise LoginsUnreadable(f"{self.path} does not hold logins") from None

    def keep(self, url: str, login: SavedLogin) -> None:
        """Keep a login, and make its server the one that is meant. Raises `LoginsUnreadable`."""
        kept = self.read()
        self._write(SavedLogins(url, {**kept.servers, url: login}))

    def forget(self, url: str) -> None:
        """Forget a login. Another server is meant then where none is named, if there is one."""
        kept = self.read()
        others = {each: login for each, login in kept.servers.items() if each != url}
        default = kept.default if kept.default in others else next(iter(others), "")
        self._write(SavedLogins(default, others))

    def saved(self, server: str = "") -> tuple[str, SavedLogin]:
        """Return the address and the login kept for a server, the default one for none. Raises `NotLoggedIn`."""
        kept = self.read()
        url = server_url(server) if server else kept.default
        login = kept.servers.get(url)
        if login is None:
            raise NotLoggedIn(f"there is no login for {url}" if url else "there is no login to any server")
        return url, login

    def target(self, server: str = "") -> Target:
        """Return the server to ask, and the token for it: as named, by the environment, or the default one.

        Raises `NotLoggedIn`, `InvalidAddress` and `PlainHttpRefused`.
        """
        given, token = self._environment.get(URL_VARIABLE, ""), self._environment.get(TOKEN_VARIABLE, "").strip()
        if token and not given:
            raise NotLoggedIn(f"{TOKEN_VARIABLE} is set, and {URL_VARIABLE} is not", hint="Set both, or none.")
        wanted = server or given
        if token and server_url(wanted) == server_url(given):
            return self._of_environment(server_url(given), token)
        url, login = self.saved(wanted)
        require_safe(url, allows_plain_http=login.insecure_http)
        return Target(url, login.token, ca_file=login.ca_file)

    def _of_environment(self, url: str, token: str) -> Target:
        allows_plain_http = self._environment.get(INSECURE_VARIABLE, "").lower() in ("1", "true", "yes", "on")
        require_safe(url, allows_plain_http=allows_plain_http)
        return Target(url, token, ca_file=self._environment.get(CA_FILE_VARIABLE, ""))

    def _write(self, logins: SavedLogins) -> None:
        content = msgspec.json.format(msgspec.json.encode(logins), indent=2) + b"\n"
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self.path, content)
        except OSError as error:
            hint = f"Make {self.path.parent} writable, or name another folder with XDG_CONFIG_HOME."
            raise LoginsUnreadable(f"{self.path} cannot be written: {error.strerror}", hint=hint) from None


def _replace(path: Path, content: bytes) -> None:
    """Write a file of mode 600 in one step: whoever reads meanwhile finds the old one or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
