# SPDX-License-Identifier: Apache-2.0
"""Second factors as the management API shows them."""

from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.second_factors.ceremonies import MAX_ANSWER_CHARACTERS
from entrepot.features.second_factors.models import Confirmed
from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.models import NewTotp
from entrepot.features.second_factors.models import NewWebAuthn
from entrepot.features.second_factors.models import Overview
from entrepot.infra.http.schemas import Moment

_ID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
_NAME = "1 to 64 printable characters, such as the device that holds it."
_CODES = "Codes that stand in for a lost device, each good once. They are shown this once."
_CODE = "7Q2M-0XKD-VT5H-93ZC"


class SecondFactorView(BaseModel):
    """An app or a security key that proves who logs in."""

    id: str = Field(examples=[_ID])
    method: Method
    name: str = Field(examples=["phone"])
    created_at: Moment
    last_used_at: Moment | None = Field(description="Null when it was not used since it was set up.")
    host: str | None = Field(
        description="The host at which a security key or passkey can be used: that of the console where it was set up. "
        "Null for an app, which has none.",
        examples=["registry.example.com"],
    )

    @classmethod
    def of(cls, factor: Factor) -> "SecondFactorView":
        """Show a factor."""
        return cls(
            id=factor.id,
            method=factor.method,
            name=factor.name,
            created_at=factor.created_at,
            last_used_at=factor.last_used_at,
            host=factor.host or None,
        )


class SecondFactorList(BaseModel):
    """Your second factors, the oldest first; there are at most ten."""

    items: list[SecondFactorView]
    recovery_codes_left: int = Field(description="How many recovery codes are not used yet.", examples=[10])
    required: bool = Field(description="Whether you have to have one. Then the last one cannot be removed.")
    webauthn_possible: bool = Field(description="Whether browsers let security keys and passkeys be used here.")
    webauthn_obstacle: str | None = Field(
        description="Why they do not, and what to do about it; null when they do.",
        examples=["browsers use security keys and passkeys over https only, except at localhost: set up TLS"],
    )

    @classmethod
    def of(cls, overview: Overview, obstacle: str | None) -> "SecondFactorList":
        """Show them all."""
        return cls(
            items=[SecondFactorView.of(factor) for factor in overview.factors],
            recovery_codes_left=overview.recovery_codes_left,
            required=overview.is_required,
            webauthn_possible=obstacle is None,
            webauthn_obstacle=obstacle,
        )


class TotpWanted(BaseModel):
    """The app to set up."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("Authenticator app", description=_NAME, examples=["phone"])


class TotpBegun(BaseModel):
    """A secret for an app. Until a code of it is confirmed, within 15 minutes, it proves nothing."""

    id: str = Field(examples=[_ID])
    secret: str = Field(
        repr=False,
        description="In base 32, to be typed into an app that cannot read the QR code. It is shown this once.",
        examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"],
    )
    uri: str = Field(
        repr=False,
        description="To be shown as a QR code: 6 digits, 30 seconds, SHA-1.",
        examples=["otpauth://totp/Entrepot%20registry.example.com:alice?secret=JBSWY3DPEHPK3PXP&issuer=Entrepot"],
    )

    @classmethod
    def of(cls, begun: NewTotp) -> "TotpBegun":
        """Show what was begun."""
        return cls(id=begun.id, secret=begun.secret, uri=begun.uri)


class TotpConfirmation(BaseModel):
    """The code that the app shows now."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=64, examples=[_ID])
    code: str = Field(repr=False, max_length=64, description="Spaces do not matter.", examples=["123 456"])


class WebAuthnBegun(BaseModel):
    """What a browser needs to have a security key or passkey made, within five minutes."""

    id: str = Field(examples=[_ID])
    options: dict[str, Any] = Field(
        description="`PublicKeyCredentialCreationOptionsJSON`: give it to `navigator.credentials.create`, "
        "as `publicKey`, by way of `PublicKeyCredential.parseCreationOptionsFromJSON`."
    )

    @classmethod
    def of(cls, begun: NewWebAuthn) -> "WebAuthnBegun":
        """Show what was begun."""
        return cls(id=begun.id, options=dict(begun.options))


class WebAuthnConfirmation(BaseModel):
    """The security key or passkey that was made."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=64, examples=[_ID])
    name: str = Field(description=_NAME, examples=["blue key"])
    attestation: str = Field(
        max_length=MAX_ANSWER_CHARACTERS,
        description="What `navigator.credentials.create` returned, as JSON text: `JSON.stringify(credential)`.",
        examples=['{"id": "…", "rawId": "…", "type": "public-key", "response": {…}}'],
    )


class ConfirmedFactor(SecondFactorView):
    """A second factor that is in use from now on."""

    recovery_codes: list[str] = Field(
        repr=False, description=f"With the first factor: ten. {_CODES} Empty with a further one.", examples=[[_CODE]]
    )

    @classmethod
    def just_made(cls, confirmed: Confirmed) -> "ConfirmedFactor":
        """Show a factor with the recovery codes that came with it."""
        view = SecondFactorView.of(confirmed.factor)
        return cls(**dict(view), recovery_codes=list(confirmed.recovery_codes))


class RecoveryCodes(BaseModel):
    """Ten new recovery codes; those before them have ended."""

    recovery_codes: list[str] = Field(repr=False, description=_CODES, examples=[[_CODE]])
