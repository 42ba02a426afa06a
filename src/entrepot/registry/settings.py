# SPDX-License-Identifier: Apache-2.0
"""The `registry` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class RegistrySettings(BaseModel):
    """How the distribution core behaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = Field(
        "local", pattern=r"^[a-z0-9-]{1,64}$", description="Names this instance in tag versions and events."
    )
    upload_hours: int = Field(24, ge=1, le=24 * 7, description="How long an upload session may lie idle, in hours.")
    lease_hours: int = Field(
        24, ge=1, le=24 * 30, description="How long an uploaded or mounted blob waits for its manifest, in hours."
    )
    undelete_days: int = Field(
        7, ge=1, le=90, description="How long deleted manifests and former tag values can be restored, in days."
    )
    page_size: int = Field(
        100, ge=1, le=10_000, description="Names per catalog page when the client asks for no number."
    )
    max_page_size: int = Field(10_000, ge=1, le=100_000, description="Names per page at most.")
    max_tags_per_push: int = Field(64, ge=10, le=1_000, description="Tags one manifest push may set at once.")
    max_blob_gib: int = Field(1_024, ge=1, le=1_048_576, description="Largest blob that is accepted, in GiB.")
    max_uploads_per_principal: int = Field(
        500,
        ge=5,
        le=100_000,
        description="Uploads that one principal may have in progress at once in one server process.",
    )
    sparse_images: bool = Field(
        False,
        description="Accept images whose blobs are not here (yet), as partial mirrors push them, instead of refusing.",
    )
    outage_grace_seconds: int = Field(
        300,
        ge=0,
        le=3_600,
        description="How long pulls of what a process has answered before go on while the database is away; 0: not.",
    )
    manifest_cache_mib: int = Field(32, ge=0, le=4_096, description="Memory for manifest bytes per process, in MiB.")
