# SPDX-License-Identifier: Apache-2.0
"""The words of second factors."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

JsonObject = Mapping[str, Any]
"""What goes to a browser as JSON, and means something to it alone."""


class Method(StrEnum):
    """How somebody proves to be who logs in, beside the password."""

    TOTP = "totp"
    """A code of six digits that an app shows for 30 seconds (RFC 6238)."""
    WEBAUTHN = "webauthn"
    """A security key, or a passkey of a device (W3C Web Authentication)."""
    RECOVERY_CODE = "recovery_code"
    """One of ten codes that were written down, each good once."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The console as a browser sees it: its host, and its origin such as `https://registry.example.com`."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody presents: `code` of an app or a recovery code, or the JSON of a WebAuthn `assertion`.

    `state` is that of the `Challenge` which the assertion answers.
    """

    method: Method
    code: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)
    state: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser is asked to sign.

    `options` are for `navigator.credentials.get` (`PublicKeyCredentialRequestOptionsJSON`),
    `state` is kept with the session until the answer comes.
    """

    options: JsonObject
    state: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor of a user. Its fields are the columns of the table.

    Until it is confirmed it proves nothing, and `challenge` is what a new security key has to answer.
    `used_up_to` is what a later proof has to exceed: the last time step used of an app, the moment of the
    last challenge that a security key answered.
    """

    id: Ulid
    user_name: str
    method: Method
    name: str
    created_at: Milliseconds
    confirmed_at: Milliseconds | None = None
    last_used_at: Milliseconds | None = None
    used_up_to: int = 0
    secret_encrypted: bytes | None = field(default=None, repr=False)
    host: str = ""
    challenge: bytes | None = field(default=None, repr=False)
    credential_id: bytes | None = None
    public_key: bytes | None = None
    sign_count: int = 0
    transports: str = ""


@dataclass(frozen=True, slots=True)
class ToldFactor:
    """What is told of a factor that was set up or removed."""

    id: Ulid
    method: str
    name: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What a user sees of its second factors."""

    factors: tuple[Factor, ...]
    recovery_codes_left: int
    is_required: bool


@dataclass(frozen=True, slots=True)
class NewTotp:
    """A secret for an app, as text and as the address that its QR code holds; shown once."""

    id: Ulid
    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewWebAuthn:
    """What a browser is asked to make: `PublicKeyCredentialCreationOptionsJSON`."""

    id: Ulid
    options: JsonObject


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A factor that proves something from now on; with the first one come recovery codes, shown once."""

    factor: Factor
    recovery_codes: tuple[str, ...] = field(repr=False)

    @property
    def is_first(self) -> bool:
        """Whether the user had none before: the password alone has just stopped being enough."""
        return bool(self.recovery_codes)
