# SPDX-License-Identifier: Apache-2.0
"""A mail server over a socket of the loopback address: it knows STARTTLS, TLS and AUTH, and keeps what it takes."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from email import message_from_bytes
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from entrepot.infra.http.tls.authority import LocalAuthority
from entrepot.infra.mail.settings import MailSecurity
from entrepot.infra.mail.settings import MailSettings
from entrepot.kernel.clock import system_clock

USER, PASSWORD = "registry", "s3cret words"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was taken."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    was_encrypted: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """Return it, read."""
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        """Return what its plain part says."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class MailServer:
    """Takes mail; set what it answers while it runs."""

    folder: Path | None = None
    """Where its certificate is (`a_certificate`); None for a server that cannot encrypt."""
    is_tls: bool = False
    """Whether it encrypts from the first byte."""
    wants_login: bool = False
    answer_to_recipient: str = "250 good"
    answer_to_message: str = "250 taken"
    taken: list[Taken] = field(default_factory=list)
    port: int = 0

    @property
    def ca_file(self) -> Path | None:
        """Who signed its certificate."""
        return self.folder / "ca.crt" if self.folder else None

    def settings(self, **more: Any) -> MailSettings:
        """Return settings that lead here."""
        security = MailSecurity.TLS if self.is_tls else MailSecurity.STARTTLS if self.folder else MailSecurity.NONE
        given = {"host": "127.0.0.1", "port": self.port, "sender": "registry@registry.example", "security": security}
        login = {"user": USER, "password": PASSWORD} if self.wants_login else {}
        return MailSettings.model_validate(given | login | {"ca_file": self.ca_file, "timeout_seconds": 5} | more)

    @contextmanager
    def running(self) -> Iterator["MailServer"]:
        """Listen, in a thread."""
        context = _context(self.folder) if self.folder else None
        mail_server = self

        class _Session(_Talk):
            server_state = mail_server
            tls = context

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as listening:
            listening.daemon_threads = True
            self.port = listening.server_address[1]
            thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listening.shutdown()
                thread.join()


class _Talk(socketserver.StreamRequestHandler):
    """One client (RFC 5321)."""

    server_state: MailServer
    tls: ssl.SSLContext | None

    def setup(self) -> None:
        """Encrypt at once where that is so."""
        self.user, self.sender, self.recipients = "", "", list[str]()
        self.is_encrypted = False
        super().setup()

    def handle(self) -> None:
        """Talk until the client leaves."""
        with suppress(OSError, ssl.SSLError):
            if self.server_state.is_tls:
                self._encrypt()
            self._say("220 mail.example ESMTP")
            while line := self.rfile.readline(4096):
                word, _, rest = line.decode("latin-1").strip().partition(" ")
                if not self._answer(word.upper(), rest):
                    return

    def finish(self) -> None:
        """Close, whoever closed before."""
        with suppress(OSError, ValueError):
            super().finish()
        self.connection.close()

    def _answer(self, word: str, rest: str) -> bool:
        match word:
            case "EHLO" | "HELO":
                self._greet()
            case "STARTTLS" if self.tls is not None and not self.is_encrypted:
                self._say("220 go ahead")
                self._encrypt()
            case "AUTH":
                self._log_in(rest)
            case "MAIL":
                refused = self.server_state.wants_login and not self.user
                self._say("530 log in first" if refused else "250 good")
                self.sender = _path(rest)
            case "RCPT":
                self.recipients.append(_path(rest))
                self._say(self.server_state.answer_to_recipient)
            case "DATA":
                self._take()
            case "QUIT":
                self._say("221 bye")
                return False
            case "RSET" | "NOOP":
                self._say("250 good")
            case _:
                self._say("502 what?")
        return True

    def _greet(self) -> None:
        offers = ["mail.example"]
        if self.tls is not None and not self.is_encrypted:
            offers.append("STARTTLS")
        if self.server_state.wants_login:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _log_in(self, rest: str) -> None:
        secret = base64.b64decode(rest.partition(" ")[2]).decode()
        if secret == f"\0{USER}\0{PASSWORD}":
            self.user = USER
            self._say("235 welcome")
        else:
            self._say("535 5.7.8 the login is wrong")

    def _take(self) -> None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        state = self.server_state
        if state.answer_to_message.startswith("250"):
            taken = Taken(self.sender, tuple(self.recipients), b"".join(lines), self.is_encrypted, self.user)
            state.taken.append(taken)
        self.recipients = []
        self._say(state.answer_to_message)

    def _encrypt(self) -> None:
        assert self.tls is not None
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.is_encrypted = True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _path(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def a_certificate(folder: Path) -> Path:
    """Make what a server proves itself with; return its folder. Blocks."""
    _context(folder)
    return folder


def _context(folder: Path) -> ssl.SSLContext:
    authority = LocalAuthority(folder, frozenset({"localhost", "127.0.0.1"}), system_clock)
    if not authority.pair.cert.exists():
        authority.prepare()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pair.cert, authority.pair.key)
    return context
