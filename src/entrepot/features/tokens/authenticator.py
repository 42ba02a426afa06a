# SPDX-License-Identifier: Apache-2.0
"""Turning an `Authorization` header into a principal: Bearer (RFC 6750), Basic (RFC 7617), or none."""

import base64
import binascii

from entrepot.features.tokens.credentials import CredentialChecks
from entrepot.features.tokens.credentials import Login
from entrepot.features.tokens.models import BEARER_MARK
from entrepot.features.tokens.secret import read_secret
from entrepot.features.tokens.service import TokenService
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated


class HeaderAuthenticator:
    """Knows the two schemes that are accepted on `/v2` and `/api`."""

    def __init__(self, credentials: CredentialChecks, tokens: TokenService) -> None:
        self._credentials = credentials
        self._tokens = tokens

    async def authenticate(self, credentials: Credentials) -> Principal:
        """Return the principal that `credentials` prove, `ANONYMOUS` when there are none.

        What follows `Bearer` is a token of the token service, a personal token, or the secret of a robot.
        Raises `Unauthenticated`, and as `CredentialChecks.authenticate`.
        """
        scheme, _, parameter = credentials.authorization.partition(" ")
        if scheme.lower() != "bearer":
            return await self.log_in(
                credentials.authorization, credentials.address, allows_enrolment=credentials.allows_enrolment
            )
        token = parameter.strip()
        presented = read_secret(token)
        if presented is not None:
            return await self._credentials.log_in(presented, None, credentials.address)
        return await self._tokens.verify(token, address=credentials.address, allows_expired=credentials.allows_expired)

    async def is_live(self, principal: Principal) -> bool:
        """Tell whether the login of a principal, or that which its token was fetched with, is still good."""
        subject = "" if principal.kind is PrincipalKind.ANONYMOUS else principal.identity
        return await self._credentials.is_live(Login(subject, principal.credential.removeprefix(BEARER_MARK)))

    async def log_in(self, authorization: str, address: str, *, allows_enrolment: bool = False) -> Principal:
        """Do the same for an `Authorization` header in which Bearer is no proof: a token must not beget tokens."""
        scheme, _, parameter = authorization.partition(" ")
        if not scheme:
            return ANONYMOUS
        if scheme.lower() != "basic":
            raise Unauthenticated(
                "the Authorization header has a scheme that is not accepted here",
                challenge_error="invalid_token",
                hint="Use Basic with a name and a password, a personal token or the secret of a robot.",
            )
        name, password = _name_and_password(parameter)
        return await self._credentials.authenticate(name, password, address, allows_enrolment=allows_enrolment)


def _name_and_password(parameter: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(parameter.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        text = ""
    name, colon, password = text.partition(":")
    if not colon:
        raise Unauthenticated(
            "the Basic credentials are not base64 of UTF-8 text 'name:password'", challenge_error="invalid_token"
        )
    return name, password
