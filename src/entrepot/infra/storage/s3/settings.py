# SPDX-License-Identifier: Apache-2.0
"""The `storage.s3` section of the configuration."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr

CLOUDFLARE = ".r2.cloudflarestorage.com"


class S3Settings(BaseModel):
    """How a bucket is reached, and by whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#]+/?$",
        description="Where the service is, such as `https://minio.example.org:9000`; default: AWS, in the region.",
    )
    region: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]{0,64}$",
        description="The region that requests are signed for; default: `AWS_REGION`, else `us-east-1`.",
    )
    addressing: Literal["auto", "path", "virtual"] = Field(
        "auto",
        description="Whether the bucket stands in the path or before the host; `auto`: in the path of an `endpoint`, "
        "before the host of AWS.",
    )
    access_key_id: str = Field("", max_length=256, description="Who asks; default: what the environment says.")
    secret_access_key: SecretStr = Field(SecretStr(""), description="The secret of access_key_id.")
    session_token: SecretStr = Field(SecretStr(""), description="What goes with temporary keys.")
    credentials_file: Path | None = Field(
        None,
        description="File of profiles with `aws_access_key_id` and `aws_secret_access_key`, read again when it "
        "changes; default: `AWS_SHARED_CREDENTIALS_FILE`.",
    )
    profile: str = Field("", max_length=256, description="Which profile of it; default: `AWS_PROFILE`, else `default`.")
    role_arn: str = Field(
        "", max_length=2_048, description="The role to take by a token of web identity; default: `AWS_ROLE_ARN`."
    )
    web_identity_token_file: Path | None = Field(
        None, description="Where that token is; read each time. Default: `AWS_WEB_IDENTITY_TOKEN_FILE`."
    )
    sts_endpoint: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#]+/?$",
        description="Who gives keys for that token; default: `AWS_ENDPOINT_URL_STS`, else AWS, in the region.",
    )
    ca_file: Path | None = Field(None, description="Authorities (PEM) that are trusted besides the system's.")
    storage_class: str = Field(
        "",
        pattern=r"^[A-Z0-9_]{0,64}$",
        description="The class that objects are stored in, such as `STANDARD_IA`; default: the bucket's.",
    )
    equal_parts: bool | None = Field(
        None,
        description="Whether all parts of an upload but the last have to have one size; default: on Cloudflare R2.",
    )
    checksums: bool = Field(
        True,
        description="Have the service compare what arrives with a SHA-256 of each part (`x-amz-checksum-sha256`); "
        "costs a second hash of large blobs. Without it, nothing but TLS protects content on its way.",
    )
    attempts: int = Field(6, ge=1, le=20, description="How often a request is sent until it counts as failed.")
    connections: int = Field(64, ge=4, le=4_096, description="Connections of each server process, at most.")

    @property
    def has_equal_parts(self) -> bool:
        """Whether parts in the middle may not be shorter than others."""
        return self.endpoint.rstrip("/").endswith(CLOUDFLARE) if self.equal_parts is None else self.equal_parts
