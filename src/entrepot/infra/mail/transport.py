# SPDX-License-Identifier: Apache-2.0
"""The way to the mail server, one connection for each message, in a thread.

The address is of the configuration, and so trusted as those of storage and sinks are: the guard of addresses that users
supply does not look at it.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage

from entrepot.infra.mail.addresses import domain_of
from entrepot.infra.mail.errors import MailFailed
from entrepot.infra.mail.errors import MailOff
from entrepot.infra.mail.errors import MailRefused
from entrepot.infra.mail.message import Letter
from entrepot.infra.mail.message import compose
from entrepot.infra.mail.message import one_line
from entrepot.infra.mail.settings import MailSecurity
from entrepot.infra.mail.settings import MailSettings

MAX_ANSWER_CHARACTERS = 300
_PERMANENT = range(500, 600)


class Mailer:
    """Sends letters through the configured server."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @property
    def is_on(self) -> bool:
        """Whether mail is sent."""
        return self._settings.is_on

    async def send(self, letter: Letter) -> None:
        """Hand a letter to the server. Raises `MailOff`, `MailFailed`, and `MailRefused` for what is no use trying."""
        if not self.is_on:
            raise MailOff
        settings = self._settings
        message = compose(letter, settings.sender, settings.sender_name)
        try:
            await asyncio.to_thread(self._send, message, letter.to)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()), (0, b""))
            raise _failure(code, said, "the recipient") from error
        except smtplib.SMTPResponseException as error:
            what = "the login" if isinstance(error, smtplib.SMTPAuthenticationError) else "the message"
            raise _failure(error.smtp_code, error.smtp_error, what) from error
        except smtplib.SMTPException as error:
            raise MailFailed(f"{self._place} cannot be used: {one_line(str(error))[:MAX_ANSWER_CHARACTERS]}") from error
        except ssl.SSLCertVerificationError as error:
            raise MailFailed(f"{self._place} is not who it should be: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            raise MailFailed(f"{self._place} cannot be reached: {_reason(error)}") from error

    @property
    def _place(self) -> str:
        return f"the mail server {self._settings.host}:{self._settings.port}"

    def _send(self, message: EmailMessage, to: str) -> None:
        """Send it. Blocks."""
        settings = self._settings
        with self._connected() as server:
            if settings.user:
                server.login(settings.user, self._password())
            server.send_message(message, settings.sender, [to])

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        name, seconds = domain_of(settings.sender), settings.timeout_seconds
        if settings.security is MailSecurity.TLS:
            return smtplib.SMTP_SSL(settings.host, settings.port, name, timeout=seconds, context=self._context())
        server = smtplib.SMTP(settings.host, settings.port, name, timeout=seconds)
        if settings.security is MailSecurity.STARTTLS:
            try:
                server.starttls(context=self._context())
            except BaseException:
                server.close()
                raise
        return server

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._settings.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _password(self) -> str:
        settings = self._settings
        if settings.password_file is None:
            return settings.password.get_secret_value()
        return settings.password_file.read_text(encoding="utf-8").strip("\r\n")


def _failure(code: int, said: bytes | str, what: str) -> MailFailed:
    """Say what the server answered (RFC 5321 section 4.2)."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    answer = one_line(f"{code} {text}")[:MAX_ANSWER_CHARACTERS]
    is_login = what == "the login"
    kind = MailRefused if code in _PERMANENT and not is_login else MailFailed
    return kind(f"the mail server did not take {what}: {answer}")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it takes too long to answer"
    strerror = getattr(error, "strerror", None)
    return one_line(str(strerror or error))[:MAX_ANSWER_CHARACTERS]
