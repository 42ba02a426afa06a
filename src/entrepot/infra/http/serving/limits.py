# SPDX-License-Identifier: Apache-2.0
"""What one client may take of a server process, in bytes, counts and seconds."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class ConnectionLimits(BaseModel):
    """The `limits` section of the configuration: what connections may take. Slow is not hostile; silent is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head_kib: int = Field(32, ge=8, le=1024, description="Request line and headers together, in KiB.")
    header_fields: int = Field(100, ge=20, le=1_000, description="Header fields of one request.")
    head_seconds: int = Field(
        60, ge=1, le=3_600, description="From the first byte of a request to the last of its head."
    )
    idle_seconds: int = Field(90, ge=1, le=3_600, description="How long a connection may wait for its next request.")
    stall_seconds: int = Field(
        900, ge=10, le=86_400, description="How long a transfer may stand still in either direction before it is ended."
    )
    connections: int = Field(10_000, ge=10, le=1_000_000, description="Open connections of one server process.")
    connections_per_address: int = Field(
        1_000, ge=10, le=1_000_000, description="Open connections of one client address, or IPv6 network of 64 bits."
    )
