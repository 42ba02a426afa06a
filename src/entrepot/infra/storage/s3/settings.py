# SPDX-License-Identifier: Apache-2.0
"""The sections `storage.s3` and `storage.redirects` of the configuration."""

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import IPvAnyNetwork
from pydantic import SecretStr
from pydantic import model_validator

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
    restore_days: int | None = Field(
        None,
        ge=1,
        le=3_650,
        description="Have objects that are in an archive made readable for so many days when a client asks for them; "
        "default: never, which an operator does then.",
    )
    restore_tier: Literal["Expedited", "Standard", "Bulk"] = Field(
        "Standard", description="How fast, and for how much, as the service has it."
    )
    attempts: int = Field(6, ge=1, le=20, description="How often a request is sent until it counts as failed.")
    connections: int = Field(64, ge=4, le=4_096, description="Connections of each server process, at most.")

    @property
    def has_equal_parts(self) -> bool:
        """Whether parts in the middle may not be shorter than others."""
        return self.endpoint.rstrip("/").endswith(CLOUDFLARE) if self.equal_parts is None else self.equal_parts


class Way(StrEnum):
    """How the bytes of a blob reach a client."""

    OFF = "off"
    INTERNAL = "internal"
    PUBLIC = "public"


class RedirectSettings(BaseModel):
    """Which clients fetch large blobs from the bucket itself. Of several networks the smallest counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    internal: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Networks of clients that are sent to the bucket's `endpoint`."
    )
    public: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Networks of clients that are sent to `public_endpoint`; `0.0.0.0/0` and `::/0` are everybody."
    )
    off: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Networks within those whose clients get every byte from Entrepot, as all others do."
    )
    public_endpoint: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#]+/?$",
        description="The address that clients elsewhere reach the bucket's service by.",
    )
    seconds: int = Field(1_200, ge=60, le=43_200, description="How long an address that a client is given is good.")
    longest_download_minutes: int = Field(
        120,
        ge=1,
        le=60 * 24 * 7,
        description="How long a download from the bucket may take; unused bytes stay at least so long.",
    )

    @model_validator(mode="after")
    def _is_complete(self) -> "RedirectSettings":
        if self.public and not self.public_endpoint:
            raise ValueError("networks are public, so public_endpoint has to say where they reach the bucket")
        return self

    @property
    def are_on(self) -> bool:
        """Whether any client is sent to the bucket."""
        return bool(self.internal or self.public)

    @property
    def minutes(self) -> int:
        """How long after a client was sent there it may still read."""
        return -(-self.seconds // 60) + self.longest_download_minutes if self.are_on else 0

    def way_to(self, address: str) -> Way:
        """Choose the way to a client, by its address; nobody without one is sent anywhere."""
        try:
            client = ip_address(address.partition("%")[0])
        except ValueError:
            return Way.OFF
        if client.version == 6 and client.ipv4_mapped is not None:
            client = client.ipv4_mapped
        near = [(network.prefixlen, way) for network, way in self._networks() if client in network]
        return max(near, key=lambda each: each[0])[1] if near else Way.OFF

    def _networks(self) -> Iterator[tuple[IPvAnyNetwork, Way]]:
        for networks, way in ((self.off, Way.OFF), (self.internal, Way.INTERNAL), (self.public, Way.PUBLIC)):
            yield from ((network, way) for network in networks)
