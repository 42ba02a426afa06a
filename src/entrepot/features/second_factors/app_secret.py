# SPDX-License-Identifier: Apache-2.0
"""The secret that an app and Entrepot share: its codes (RFC 6238), and how it is stored."""

import hmac

import pyotp

from entrepot.features.second_factors.codes import read_app_code
from entrepot.features.second_factors.errors import SecretUnreadable
from entrepot.features.tokens import CannotUnseal
from entrepot.features.tokens import InstanceKey
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

ISSUER = "Entrepot"
WINDOW_STEPS = 1
"""How many steps of 30 s the clock of the app may be off."""


def new_app_secret() -> str:
    """Make a secret of 160 bits, in base 32."""
    return pyotp.random_base32()


def app_uri(secret: str, user: str, host: str) -> str:
    """Return the `otpauth:` address that an app reads from a QR code.

    It names the registry by its host; an IPv6 address has colons, which stand between issuer and account there.
    """
    issuer = ISSUER if ":" in host else f"{ISSUER} {host}"
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=issuer)


def step_of_code(secret: str, typed: str, now: Milliseconds, used_up_to: int = 0) -> int | None:
    """Return the number of the time step that a code is from, None when it is of none that counts now.

    Steps up to `used_up_to` do not count: the code of a later one may be the same, as happens once in a million.
    """
    code = read_app_code(typed)
    if code is None:
        return None
    app = pyotp.TOTP(secret)
    current = app.timecode(now // SECOND_MS)
    window = range(current - WINDOW_STEPS, current + WINDOW_STEPS + 1)
    steps = [step for step in window if hmac.compare_digest(app.generate_otp(step), code)]
    return next((step for step in steps if step > used_up_to), None)


def seal_app_secret(secret: str, factor_id: Ulid, instance_key: InstanceKey) -> bytes:
    """Return the secret as it is stored, encrypted for this very factor."""
    return instance_key.seal(sealed_for(factor_id), secret.encode("ascii"))


def unseal_app_secret(sealed: bytes, factor_id: Ulid, instance_key: InstanceKey) -> str:
    """Return the secret that `seal_app_secret` stored. Raises `SecretUnreadable`."""
    try:
        return instance_key.unseal(sealed_for(factor_id), sealed).decode("ascii")
    except CannotUnseal as error:
        raise SecretUnreadable from error


def sealed_for(factor_id: str) -> str:
    """Return the purpose that the secret of a factor is encrypted for."""
    return f"second factor {factor_id}"
