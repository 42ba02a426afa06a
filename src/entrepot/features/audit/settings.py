# SPDX-License-Identifier: Apache-2.0
"""The `audit` section of the configuration."""

from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator

from entrepot.features.audit.models import Pulls


class What(StrEnum):
    """What a destination is sent."""

    RECORDS = "records"
    CHECKPOINTS = "checkpoints"
    BOTH = "both"


class DeliverySettings(BaseModel):
    """Where records and checkpoints are sent as they are made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        pattern=r"^(file:///.+|syslog\+(tcp|tls)://[^/@?#]+/?)$",
        description="`file:///var/log/entrepot/audit.jsonl`, a line for each; or a syslog server, "
        "`syslog+tls://logs.example.org:6514` or `syslog+tcp://…`, which takes RFC 5424 with JSON as the message.",
    )
    what: What = Field(What.BOTH, description="`records`, `checkpoints` (which prove later what was there), or `both`.")
    ca_file: str = Field("", description="Who signed the certificate of the server; default: whom the system trusts.")

    @field_validator("url")
    @classmethod
    def _has_a_port(cls, url: str) -> str:
        """Refuse a port that is no number between 1 and 65535."""
        if urlsplit(url).port == 0:
            raise ValueError("the port 0 is none")
        return url


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
    deliver: dict[str, DeliverySettings] = Field(
        {},
        max_length=16,
        description="Destinations, each under a name of its own such as `[audit.deliver.siem]`.",
    )
