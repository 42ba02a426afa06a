# SPDX-License-Identifier: Apache-2.0
"""The `events` section of the configuration."""

from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from entrepot.features.events.errors import EventFilterInvalid
from entrepot.features.events.filters import parse_event_filter


class SinkKind(StrEnum):
    """What sort of place a sink is."""

    FILE = "file"
    NATS = "nats"


_KINDS = {"file": SinkKind.FILE, "nats": SinkKind.NATS, "tls": SinkKind.NATS}


class SinkSettings(BaseModel):
    """Where what happens is sent to, as CloudEvents, as it happens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        pattern=r"^(file:///.+|(nats|tls)://[^/@?#]+/?)$",
        description="`file:///var/log/entrepot/events.jsonl`, a line for each; or a NATS server with JetStream, "
        "`nats://nats.example.org:4222`, or `tls://…` with TLS.",
    )
    types: tuple[str, ...] = Field(
        (),
        max_length=64,
        description="Only these, such as `tag.*`; default: everything but pulls, which have to be named "
        "(`content.pulled`), or `*`.",
    )
    subject: str = Field(
        "entrepot",
        pattern=r"^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,7}$",
        description="Subjects of NATS begin so; the type of the event follows: `entrepot.tag.moved`. A stream has to "
        "take them.",
    )
    ca_file: str = Field("", description="Who signed the certificate of the server; default: whom the system trusts.")
    secret_file: str = Field("", description="File that holds the token that NATS asks for.")

    @property
    def kind(self) -> SinkKind:
        """What sort of place it is."""
        return _KINDS[urlsplit(self.url).scheme]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        """Refuse filters that nothing passes, a port that is none, and a token that everybody on the way could read."""
        for each in self.types:
            try:
                parse_event_filter(each)
            except EventFilterInvalid as error:
                raise ValueError(error.message) from error
        url = urlsplit(self.url)
        if self.kind is SinkKind.NATS and url.port == 0:
            raise ValueError("the port 0 is none")
        if self.secret_file and url.scheme == "nats" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("the token would cross the network unencrypted: use tls://")
        return self


class EventSettings(BaseModel):
    """Where what happens is sent to, beside webhooks, which people set up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sinks: dict[str, SinkSettings] = Field(
        {},
        max_length=16,
        description="Sinks, each under a name of its own such as `[events.sinks.bus]`.",
    )
