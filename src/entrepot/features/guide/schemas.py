# SPDX-License-Identifier: Apache-2.0
"""The guide as the management API shows it."""

from typing import Literal
from typing import cast

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.guide.models import Offer
from entrepot.features.guide.models import Whereabouts


class GuideAuthority(BaseModel):
    """The authority of this registry's own that its certificate is of. Clients have to be made to trust it."""

    url: str = Field(
        description="Where its certificate is, in PEM.", examples=["https://registry.example:5000/tls/ca.crt"]
    )
    sha256: str = Field(
        description="Its fingerprint, as `entrepot trust --fingerprint` takes it: compare it with what the server "
        "printed when it started.",
        examples=["sha256:5f1c5a4f0a6f7b4e9d3a8c2b1e0f9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a3f2e"],
    )


class GuideView(BaseModel):
    """What a client has to know to use this registry."""

    address: str = Field(
        description="What the names of images begin with, and what is logged in to.", examples=["registry.example:5000"]
    )
    scheme: Literal["http", "https"]
    is_loopback: bool = Field(description="Whether the address means the machine that the client runs on.")
    needs_insecure_flag: bool = Field(
        description="Whether clients have to be told that plain HTTP is meant: they refuse it beyond loopback."
    )
    certificate_authority: GuideAuthority | None = Field(
        description="Null when the certificate is of an authority that is not the registry's own, or there is none."
    )
    path_prefix: str = Field(
        description="The path below which this API and the console are found; empty for none. `/v2` is at the root.",
        examples=["/registry-ui"],
    )
    features: list[str] = Field(
        description="The features that are mounted, each the tag of its operations here; by name.",
        examples=[["artifacts", "history", "projects"]],
    )
    version: str | None = Field(description="Of the server. Null for whoever is not logged in.", examples=["0.1.0"])

    @classmethod
    def of(cls, offer: Offer, where: Whereabouts, *, is_logged_in: bool) -> "GuideView":
        """Show what one caller is told."""
        authority = None
        if offer.authority_sha256 and where.authority_url:
            authority = GuideAuthority(url=where.authority_url, sha256=offer.authority_sha256)
        return cls(
            address=where.address,
            scheme=cast("Literal['http', 'https']", where.scheme),
            is_loopback=where.is_loopback,
            needs_insecure_flag=where.needs_insecure_flag,
            certificate_authority=authority,
            path_prefix=offer.path_prefix,
            features=list(offer.features),
            version=offer.version if is_logged_in else None,
        )
