# SPDX-License-Identifier: Apache-2.0
"""The `audit` section of the configuration."""

from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from entrepot.features.audit.models import Pulls
from entrepot.infra.http.outbound.errors import AddressInvalid
from entrepot.infra.http.outbound.url import Url
from entrepot.infra.http.outbound.url import parse_url


class What(StrEnum):
    """What a destination is sent."""

    RECORDS = "records"
    CHECKPOINTS = "checkpoints"
    BOTH = "both"


class Kind(StrEnum):
    """What sort of destination it is."""

    FILE = "file"
    SYSLOG = "syslog"
    WEBHOOK = "webhook"
    OTLP = "otlp"
    S3 = "s3"
    WITNESS = "witness"
    TIMESTAMPS = "timestamps"


class Lock(StrEnum):
    """How objects in a bucket are kept from being removed."""

    NONE = "none"
    GOVERNANCE = "governance"
    """Nobody without a special right removes them."""
    COMPLIANCE = "compliance"
    """Nobody at all does before their time."""


_KINDS = {
    "file": Kind.FILE,
    "syslog+tcp": Kind.SYSLOG,
    "syslog+tls": Kind.SYSLOG,
    "http": Kind.WEBHOOK,
    "https": Kind.WEBHOOK,
    "otlp+http": Kind.OTLP,
    "otlp+https": Kind.OTLP,
    "s3": Kind.S3,
    "entrepot+http": Kind.WITNESS,
    "entrepot+https": Kind.WITNESS,
    "rfc3161+http": Kind.TIMESTAMPS,
    "rfc3161+https": Kind.TIMESTAMPS,
}
_WITH_SECRET = (Kind.WEBHOOK, Kind.S3, Kind.WITNESS)
_WITH_LOGIN = (Kind.S3, Kind.WITNESS)


class DeliverySettings(BaseModel):
    """Where records and checkpoints are sent as they are made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        pattern=r"^(file:///.+|syslog\+(tcp|tls)://[^/@?#]+/?|((otlp|entrepot|rfc3161)\+)?https?://.+"
        r"|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?)$",
        description="`file:///var/log/entrepot/audit.jsonl`, a line for each; a syslog server, "
        "`syslog+tls://logs.example.org:6514` or `syslog+tcp://…`, which takes RFC 5424 with JSON as the message; "
        "`https://…`, a webhook; `otlp+https://…`, a collector of OpenTelemetry; `s3://bucket/prefix`; "
        "`entrepot+https://…`, another Entrepot as a witness, or `rfc3161+https://…`, an authority for time stamps: "
        "these two get checkpoints only.",
    )
    what: What = Field(What.BOTH, description="`records`, `checkpoints` (which prove later what was there), or `both`.")
    ca_file: str = Field("", description="Who signed the certificate of the server; default: whom the system trusts.")
    login: str = Field("", max_length=255, description="The robot's name at a witness; the id of the key for S3.")
    secret_file: str = Field(
        "", description="File that holds the secret: what a webhook is signed with, the robot's, or the key for S3."
    )
    secret_variable: str = Field(
        "",
        pattern=r"^$|^[A-Za-z_][A-Za-z0-9_]*$",
        description="Variable of the environment that holds it instead; its name does not begin with `ENTREPOT_`.",
    )
    stamp_ca_file: str = Field("", description="Authorities (PEM) that vouch for who makes the time stamps.")
    endpoint: str = Field("", description="Where S3 is; default: that of AWS in the region.")
    region: str = Field("us-east-1", pattern=r"^[a-z0-9-]{1,32}$", description="The region of the bucket.")
    lock: Lock = Field(
        Lock.NONE, description="Whether objects are locked (S3 Object Lock), and how; the bucket has to allow it."
    )
    retain_days: int = Field(400, ge=1, le=36_500, description="For how long they are, from the moment they are sent.")

    @property
    def kind(self) -> Kind:
        """What sort of destination it is."""
        return _KINDS[urlsplit(self.url).scheme]

    @property
    def address(self) -> str:
        """The address of its web server: without what stands before `+`, and of a bucket the endpoint."""
        if self.kind is Kind.S3:
            return self.endpoint or f"https://s3.{self.region}.amazonaws.com"
        return self.url.rpartition("+")[2] if "+" in self.url.partition(":")[0] else self.url

    @property
    def sent(self) -> What:
        """What it is sent, whatever `what` says: witnesses and authorities take checkpoints."""
        return What.CHECKPOINTS if self.kind in (Kind.WITNESS, Kind.TIMESTAMPS) else self.what

    def _require_address(self) -> None:
        try:
            url = parse_url(self.address)
        except AddressInvalid as error:
            raise ValueError(error.message) from error
        is_shown = self.kind is Kind.WITNESS or (
            self.kind is Kind.OTLP and bool(self.secret_file or self.secret_variable)
        )
        if is_shown and url.scheme == "http" and not _is_this_machine(url):
            raise ValueError("the secret would cross the network unencrypted: use https")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        """Refuse an address that is none, and one without the login or the secret that its kind takes."""
        if self.secret_variable.upper().startswith("ENTREPOT_"):
            raise ValueError("the name of the variable of a secret does not begin with ENTREPOT_, as settings do")
        if self.kind is Kind.SYSLOG and urlsplit(self.url).port == 0:
            raise ValueError("the port 0 is none")
        if self.kind not in (Kind.FILE, Kind.SYSLOG):
            self._require_address()
        if self.kind is Kind.TIMESTAMPS and not self.stamp_ca_file:
            raise ValueError("it takes a stamp_ca_file")
        if self.kind in _WITH_LOGIN and not self.login:
            raise ValueError("it takes a login")
        if bool(self.secret_file) + bool(self.secret_variable) != 1 and self.kind in _WITH_SECRET:
            raise ValueError("it takes a secret: secret_file or secret_variable")
        return self


def _is_this_machine(url: Url) -> bool:
    return url.host == "localhost" or (url.literal is not None and url.literal.is_loopback)


class AuditSettings(BaseModel):
    """What is recorded of who did what, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pulls: Pulls = Field(
        Pulls.AGGREGATED,
        description="What is recorded of pulls: `aggregated`, the first of each client, tag and digest in an hour at "
        "once and the number of the others when the hour is over; `each`, every one; `strict`, every one before it is "
        "answered, and none while that is not possible; `off`, none. Only with `strict` pulls wait.",
    )
    keep_days: int = Field(
        400,
        ge=1,
        le=36_500,
        description="For how many days records are kept. They go a month at a time, once the last of it is that old "
        "and no hold is on it.",
    )
    keep_witnessed_days: int = Field(
        3_650,
        ge=1,
        le=36_500,
        description="For how many days checkpoints that other registries left here are kept; the last of each is "
        "for good, and so are those that others contradict.",
    )
    deliver: dict[str, DeliverySettings] = Field(
        {},
        max_length=16,
        description="Destinations, each under a name of its own such as `[audit.deliver.siem]`.",
    )
