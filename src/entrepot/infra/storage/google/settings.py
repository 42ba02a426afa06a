# SPDX-License-Identifier: Apache-2.0
"""The section `storage.google` of the configuration."""

from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class GoogleSettings(BaseModel):
    """How a bucket is reached, and by whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credentials_file: Path | None = Field(
        None,
        description="The key of a service account, or a federation of workload identities with a token in a file, as "
        "Google gives them (JSON); read at the start. Default: `GOOGLE_APPLICATION_CREDENTIALS`.",
    )
    endpoint: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#]+/?$",
        description="Where the service is; default: `https://storage.googleapis.com`.",
    )
    ca_file: Path | None = Field(
        None, description="Authorities (PEM) that are trusted besides the system's, for that endpoint."
    )
    storage_class: str = Field(
        "",
        pattern=r"^[A-Z0-9_]{0,64}$",
        description="The class that objects are stored in, such as `NEARLINE`; default: the bucket's.",
    )
    checksums: bool = Field(
        True,
        description="Have the service compare what arrives with an MD5 of each part (`Content-MD5`). Without it, "
        "nothing but TLS protects content on its way.",
    )
    attempts: int = Field(6, ge=1, le=20, description="How often a request is sent until it counts as failed.")
    connections: int = Field(64, ge=4, le=4_096, description="Connections of each server process, at most.")
