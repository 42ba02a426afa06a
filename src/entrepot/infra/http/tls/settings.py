# SPDX-License-Identifier: Apache-2.0
"""Where the certificate comes from."""

from enum import StrEnum
from pathlib import Path
from typing import Literal
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import model_validator

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


class TlsMode(StrEnum):
    """Who makes the certificate."""

    OFF = "off"
    FILES = "files"
    AUTO = "auto"
    ACME = "acme"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AcmeSettings(_Section):
    """The authority that certificates are ordered from with `--tls acme` (RFC 8555)."""

    directory: str = Field("", pattern=r"^$|^https://.+", description=f"Its directory, such as {LETS_ENCRYPT}.")
    email: str = Field("", description="Where the authority may write to about certificates.")
    hosts: frozenset[str] = Field(frozenset(), description="Host names to have in the certificate.")
    http_port: int = Field(
        80,
        ge=1,
        le=65_535,
        description="Port for the authority's HTTP-01 challenge; port 80 of the hosts has to lead to it. "
        "It redirects everything else to https.",
    )
    agree_terms: bool = Field(False, description="Agree to the authority's terms of service.")
    ca_file: Path | None = Field(None, description="Certificates that the authority's own server is verified with.")
    eab_key_id: str = Field("", description="Key identifier of an external account, for authorities that ask for one.")
    eab_hmac_key: SecretStr = Field(SecretStr(""), description="Key of the external account, in base64url.")

    def lacking(self) -> list[str]:
        """Tell what has to be set before a certificate can be ordered."""
        missing = []
        if not self.directory:
            missing.append(f"acme.directory names the authority, such as {LETS_ENCRYPT}")
        if not self.hosts:
            missing.append("acme.hosts lists the host names of the certificate")
        if not self.agree_terms:
            missing.append("acme.agree_terms = true says that you agree to the authority's terms of service")
        if bool(self.eab_key_id) != bool(self.eab_hmac_key.get_secret_value()):
            missing.append("acme.eab_key_id and acme.eab_hmac_key go together")
        return missing


class TlsSettings(_Section):
    """HTTPS: `files` takes a certificate of yours, `auto` makes a local authority, `acme` orders certificates."""

    mode: Literal["off", "files", "auto", "acme"] | None = Field(
        None, description="Who makes the certificate; without it, `files` where `cert` is set, else `off`."
    )
    cert: Path | None = Field(None, description="PEM file with the certificate and, after it, its chain.")
    key: Path | None = Field(None, description="PEM file with its private key, not encrypted.")
    acme: AcmeSettings = AcmeSettings()

    @property
    def effective_mode(self) -> TlsMode:
        """Who makes the certificate."""
        if self.mode is None:
            return TlsMode.FILES if self.cert or self.key else TlsMode.OFF
        return TlsMode(self.mode)

    @property
    def is_on(self) -> bool:
        """Whether the server speaks HTTPS."""
        return self.effective_mode is not TlsMode.OFF

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        mode = self.effective_mode
        if mode is TlsMode.FILES and not (self.cert and self.key):
            raise ValueError("cert and key are both needed: the files with the certificate and its private key")
        if mode in (TlsMode.AUTO, TlsMode.ACME) and (self.cert or self.key):
            raise ValueError(f"with the mode {mode}, cert and key are not used: remove them, or the mode")
        if mode is TlsMode.ACME and (missing := self.acme.lacking()):
            raise ValueError("; ".join(missing))
        return self
