# SPDX-License-Identifier: Apache-2.0
"""Making and ending the secrets that programs log in with, as parts of their caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.tokens.errors import TokenNameTaken
from entrepot.features.tokens.errors import TooManyTokens
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.models import IssuedSecret
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.store import credentials
from entrepot.features.tokens.store import refresh_tokens
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid

MAX_LIVE = 1_000
"""How many credentials a principal may have."""

KEPT_ENDED = 100
"""How many that have ended are still listed."""

MAX_DAYS = 365
DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Wanted:
    """A credential to make: for whom (such as `user:alice`), called what, good until when (None for ever), by whom."""

    principal: str
    name: str
    expires_at: Milliseconds | None
    created_by: str


def issue_secret(connection: Connection, wanted: Wanted, now: Milliseconds) -> IssuedSecret:
    """Make a credential and its secret. One of the same name makes room if it has expired, else it stands in the way.

    Raises `TokenNameTaken` and `TooManyTokens`.
    """
    namesake = credentials.named(connection, wanted.principal, wanted.name)
    if namesake is not None and namesake.state(now) is CredentialState.EXPIRED:
        credentials.revoke(connection, namesake.id, now)
    credentials.forget_ended(connection, wanted.principal, now, KEPT_ENDED)
    if credentials.count_live(connection, wanted.principal, now) >= MAX_LIVE:
        raise TooManyTokens(f"there are {MAX_LIVE} live tokens already, which is the most there may be")
    credential_id = new_ulid()
    secret = new_secret(CREDENTIAL_PREFIX, credential_id)
    credential = Credential(
        id=credential_id,
        principal=wanted.principal,
        name=wanted.name,
        secret_sha256=digest_of_secret(secret),
        created_at=now,
        created_by=wanted.created_by,
        expires_at=wanted.expires_at,
    )
    if not credentials.add(connection, credential):
        raise TokenNameTaken(f"there is a live token {wanted.name} already")
    return IssuedSecret(credential, secret)


def current_secrets(connection: Connection, principals: Collection[str]) -> dict[str, Credential]:
    """Return by principal what each logs in with, or did before it expired, where that is one credential each."""
    return {credential.principal: credential for credential in credentials.current(connection, principals)}


def end_secrets(connection: Connection, principal: str, at: Milliseconds) -> None:
    """Let everything that a principal logs in with end at a moment."""
    credentials.revoke_all(connection, principal, at)


def remove_secrets(connection: Connection, principal: str) -> None:
    """Remove everything that a principal logs in with."""
    credentials.remove_all(connection, principal)
    refresh_tokens.remove_all(connection, principal)
