# SPDX-License-Identifier: Apache-2.0
"""The `outgoing` section of the configuration."""

import re
from ipaddress import ip_network
from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator

from entrepot.infra.http.outbound.errors import AddressInvalid
from entrepot.infra.http.outbound.url import parse_url

_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


class OutgoingSettings(BaseModel):
    """How other servers are reached, and which may be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    proxy: str = Field(
        "",
        pattern=r"^$|^http://[^/@?#]+/?$",
        description="The proxy that requests go through, such as `http://proxy.example.org:3128`. Variables such as "
        "`HTTPS_PROXY` do not count.",
    )
    proxy_login_file: Path | None = Field(None, description="File that holds `name:password` for the proxy.")
    no_proxy: tuple[str, ...] = Field(
        (), max_length=100, description="Hosts that are reached without it; `.example.org` stands for all below."
    )
    proxy_supplied: bool = Field(
        False,
        description="Use the proxy for addresses that users supply too. It looks names up itself then, and has to "
        "refuse what is internal: here only their spelling is judged.",
    )
    ca_file: Path | None = Field(
        None, description="Authorities (PEM) that are trusted besides those that the system trusts."
    )
    allow: tuple[str, ...] = Field(
        (),
        max_length=100,
        description="Networks (`10.1.2.0/24`) and hosts that addresses supplied by users may lead to although they are "
        "internal. Addresses in this configuration may in any case.",
    )
    connect_seconds: float = Field(10, gt=0, le=300, description="How long connecting may take.")
    read_seconds: float = Field(30, gt=0, le=3_600, description="How long the other server may say nothing.")
    total_seconds: float = Field(120, gt=0, le=3_600, description="How long a request may take from first to last.")
    connections: int = Field(20, ge=1, le=1_000, description="Connections at once to each destination.")

    @field_validator("proxy")
    @classmethod
    def _is_address(cls, proxy: str) -> str:
        """Refuse what no request could be sent through."""
        try:
            return proxy and parse_url(proxy).origin
        except AddressInvalid as error:
            raise ValueError(f"the proxy: {error.message}") from error

    @field_validator("no_proxy")
    @classmethod
    def _are_in_lower_case(cls, listed: tuple[str, ...]) -> tuple[str, ...]:
        """Spell hosts as addresses do once they are read."""
        return tuple(map(str.lower, listed))

    @field_validator("allow")
    @classmethod
    def _are_networks_or_hosts(cls, listed: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what is neither, and what would allow everything."""
        for each in listed:
            try:
                if ip_network(each).prefixlen == 0:
                    raise ValueError(f"{each} would allow every address")
            except ValueError as error:
                if "/" in each or ":" in each or not _HOST.fullmatch(each):
                    raise ValueError(f"{each}: {error}") from error
        return listed
