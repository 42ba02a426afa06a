# SPDX-License-Identifier: Apache-2.0
"""Making and ending the secrets that programs log in with, as parts of their caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.tokens.addresses import ANYWHERE
from entrepot.features.tokens.addresses import AllowedAddresses
from entrepot.features.tokens.errors import SecretUsedBefore
from entrepot.features.tokens.errors import TokenNameTaken
from entrepot.features.tokens.errors import TooManyTokens
from entrepot.features.tokens.given import Given
from entrepot.features.tokens.given import SecretHash
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.models import IssuedSecret
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.store import aliases
from entrepot.features.tokens.store import credentials
from entrepot.features.tokens.store import refresh_tokens
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

MAX_LIVE = 1_000
"""How many credentials a principal may have."""

KEPT_ENDED = 100
"""How many that have ended are still listed."""

MAX_DAYS = 365
DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Wanted:
    """A credential to make: for whom (such as `user:alice`), called what, good until when (None for ever), by whom.

    `allowed_addresses` says from where it is good.
    """

    principal: str
    name: str
    expires_at: Milliseconds | None
    created_by: str
    allowed_addresses: AllowedAddresses = ANYWHERE


def issue_secret(connection: Connection, wanted: Wanted, now: Milliseconds) -> IssuedSecret:
    """Make a credential and its secret. One of the same name makes room if it has expired, else it stands in the way.

    Raises `TokenNameTaken` and `TooManyTokens`.
    """
    _make_room(connection, wanted, now)
    credential_id = new_ulid()
    secret = new_secret(CREDENTIAL_PREFIX, credential_id)
    credential = _credential(wanted, now, credential_id, sha256=digest_of_secret(secret))
    if not credentials.add(connection, credential):
        raise TokenNameTaken(f"there is a live token {wanted.name} already")
    return IssuedSecret(credential, secret)


def keep_secret(connection: Connection, wanted: Wanted, given: Given, now: Milliseconds) -> Credential:
    """Make a credential of a secret that somebody else has made, of which only a hash is known.

    Raises `SecretUsedBefore` and `TooManyTokens`.
    """
    _make_room(connection, wanted, now)
    if isinstance(given, SecretHash):
        credential = _credential(wanted, now, given.id, sha256=given.sha256)
    else:
        credential = replace(_credential(wanted, now, new_ulid(), sha256=b""), imported_hash=str(given))
    if not credentials.add(connection, credential):
        raise SecretUsedBefore
    return credential


def given_before(connection: Connection, principal: str, given: Given | None, now: Milliseconds) -> Credential | None:
    """Return what a principal can log in with by this very secret already, None if nothing."""
    found = credentials.find(connection, given.id) if isinstance(given, SecretHash) else None
    if found is None or found.principal != principal or found.replaced_at is not None:
        return None
    is_same = isinstance(given, SecretHash) and found.secret_sha256 == given.sha256
    return found if is_same and found.state(now) is CredentialState.LIVE else None


def current_secrets(connection: Connection, principals: Collection[str]) -> dict[str, Credential]:
    """Return by principal the newest that each logs in with, or did before it expired."""
    return {credential.principal: credential for credential in credentials.current(connection, principals)}


def live_secrets(connection: Connection, principal: str, now: Milliseconds) -> list[Credential]:
    """Return everything that a principal can log in with, oldest first."""
    return credentials.live(connection, principal, now)


def replace_secret(connection: Connection, replaced: Credential, at: Milliseconds, now: Milliseconds) -> None:
    """Let a credential end at `at`, unless it ends earlier, as one whose place another has taken."""
    credentials.replace(connection, replaced.id, at, now)


def remove_secrets(connection: Connection, principal: str) -> None:
    """Remove everything that a principal logs in with."""
    credentials.remove_all(connection, principal)
    refresh_tokens.remove_all(connection, principal)
    aliases.remove(connection, principal)


def _make_room(connection: Connection, wanted: Wanted, now: Milliseconds) -> None:
    namesake = credentials.named(connection, wanted.principal, wanted.name)
    if namesake is not None and namesake.state(now) is CredentialState.EXPIRED:
        credentials.revoke(connection, namesake.id, now)
    credentials.forget_ended(connection, wanted.principal, now, KEPT_ENDED)
    if credentials.count_live(connection, wanted.principal, now) >= MAX_LIVE:
        raise TooManyTokens(f"there are {MAX_LIVE} live tokens already, which is the most there may be")


def _credential(wanted: Wanted, now: Milliseconds, credential_id: Ulid, *, sha256: bytes) -> Credential:
    return Credential(
        id=credential_id,
        principal=wanted.principal,
        name=wanted.name,
        secret_sha256=sha256,
        created_at=now,
        created_by=wanted.created_by,
        expires_at=wanted.expires_at,
        allowed_addresses=str(wanted.allowed_addresses),
    )
