# SPDX-License-Identifier: Apache-2.0
"""The `mail` section of the configuration."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import field_validator
from pydantic import model_validator

from entrepot.infra.mail.addresses import parse_mail_address
from entrepot.infra.mail.errors import AddressInvalid

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailSecurity(StrEnum):
    """How the way to the mail server is kept from others."""

    STARTTLS = "starttls"
    """It begins in the clear, and nothing is said before it is encrypted (RFC 3207)."""
    TLS = "tls"
    """It is encrypted from the first byte (RFC 8314)."""
    NONE = "none"
    """Everybody on the way can read it."""


class MailSettings(BaseModel):
    """The server that takes mail. Without a host nothing is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        "",
        pattern=r"^$|^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$",
        description="The server that takes mail, such as `smtp.example.org`; default: no mail is sent.",
    )
    port: int = Field(587, ge=1, le=65_535, description="Its port: 587 with STARTTLS, 465 with TLS, as a rule.")
    security: MailSecurity = Field(
        MailSecurity.STARTTLS,
        description="`starttls`, and nothing is sent where the server does not offer it; `tls` from the first byte; "
        "`none` for a server on this machine or in a network of its own.",
    )
    user: str = Field("", max_length=255, description="Whom to log in as; default: nobody.")
    password: SecretStr = Field(SecretStr(""), description="The password of that user.")
    password_file: Path | None = Field(None, description="File that holds it instead, on one line.")
    sender: str = Field("", description="The address that mail comes from, such as `registry@example.org`.")
    sender_name: str = Field("Entrepot", max_length=100, pattern=r"^[\x20-\x7e]*$", description="The name beside it.")
    ca_file: Path | None = Field(
        None, description="Who signed the certificate of the server, and nobody else; default: whom the system trusts."
    )
    timeout_seconds: float = Field(30, gt=0, le=300, description="How long the server may say nothing.")

    @property
    def is_on(self) -> bool:
        """Whether mail is sent."""
        return bool(self.host)

    @field_validator("sender")
    @classmethod
    def _is_address(cls, sender: str) -> str:
        """Refuse what is no address."""
        try:
            return sender and parse_mail_address(sender)
        except AddressInvalid as error:
            raise ValueError(error.message) from error

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        """Refuse a server without a sender, and a password that everybody on the way could read."""
        if self.host and not self.sender:
            raise ValueError("mail has to come from somebody: set sender")
        if self.password.get_secret_value() and self.password_file:
            raise ValueError("set password or password_file, not both")
        if self.user and self.security is MailSecurity.NONE and self.host not in LOOPBACK:
            raise ValueError("the password would cross the network unencrypted: use starttls or tls")
        return self
