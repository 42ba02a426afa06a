# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about second factors."""

from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.second_factors.app_secret import sealed_for
from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.tables import recovery_codes
from entrepot.features.second_factors.tables import second_factors
from entrepot.features.tokens import SealedColumn
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

APP_SECRETS = SealedColumn("secrets of apps", second_factors.c.id, second_factors.c.secret_encrypted, sealed_for)

_OF_USER = (
    select(*(second_factors.c[field.name] for field in fields(Factor)))
    .where(second_factors.c.user_name == bindparam("user"))
    .order_by(second_factors.c.id)
)
_HOLDER = select(second_factors.c.id).where(second_factors.c.credential_id == bindparam("credential_id"))
_ADD = insert(second_factors)
_CONFIRM = (
    update(second_factors)
    .where(second_factors.c.id == bindparam("the_id"), second_factors.c.confirmed_at.is_(None))
    .values(
        name=bindparam("name"),
        confirmed_at=bindparam("confirmed_at"),
        used_up_to=bindparam("used_up_to"),
        challenge=None,
        credential_id=bindparam("credential_id"),
        public_key=bindparam("public_key"),
        sign_count=bindparam("sign_count"),
        transports=bindparam("transports"),
    )
)
_COUNTS_ON = or_(
    second_factors.c.sign_count < bindparam("signed"),
    and_(second_factors.c.sign_count == 0, bindparam("signed") == 0),
)
_USE = (
    update(second_factors)
    .where(
        second_factors.c.id == bindparam("the_id"),
        second_factors.c.confirmed_at.is_not(None),
        second_factors.c.used_up_to < bindparam("up_to"),
        _COUNTS_ON,
    )
    .values(used_up_to=bindparam("up_to"), sign_count=bindparam("signed"), last_used_at=bindparam("now"))
)
_REMOVE = delete(second_factors).where(
    second_factors.c.user_name == bindparam("user"), second_factors.c.id == bindparam("the_id")
)
_REMOVE_BEGUN = delete(second_factors).where(
    second_factors.c.user_name == bindparam("user"),
    second_factors.c.method == bindparam("method"),
    second_factors.c.confirmed_at.is_(None),
)
_REMOVE_ALL = delete(second_factors).where(second_factors.c.user_name == bindparam("user"))
_CODES_LEFT = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user_name == bindparam("user"))
_ADD_CODE = insert(recovery_codes)
_USE_CODE = delete(recovery_codes).where(
    recovery_codes.c.user_name == bindparam("user"), recovery_codes.c.code_hmac == bindparam("code_hmac")
)
_MADE_FOR = select(recovery_codes.c.made_for).where(recovery_codes.c.user_name == bindparam("user")).distinct()
_KEEP_CODES = (
    update(recovery_codes)
    .where(recovery_codes.c.user_name == bindparam("user"), recovery_codes.c.made_for.is_(None))
    .values(made_for=recovery_codes.c.user_name)
)
_REMOVE_CODES = delete(recovery_codes).where(recovery_codes.c.user_name == bindparam("user"))


def of_user(connection: Connection, user: str) -> list[Factor]:
    """Return the factors of a user, confirmed or not, the oldest first."""
    return [_factor(row) for row in connection.execute(_OF_USER, {"user": user})]


def is_credential_taken(connection: Connection, credential_id: bytes) -> bool:
    """Tell whether a security key's credential is anybody's already."""
    return connection.execute(_HOLDER, {"credential_id": credential_id}).first() is not None


def add(connection: Connection, factor: Factor) -> None:
    """Store a factor, in the place of one of the same user and method that was not confirmed."""
    connection.execute(_REMOVE_BEGUN, {"user": factor.user_name, "method": factor.method})
    connection.execute(_ADD, asdict(factor))


def confirm(connection: Connection, factor: Factor) -> bool:
    """Store that a factor is confirmed, and by what; tell False when it was before, or is not there."""
    row = asdict(factor)
    return connection.execute(_CONFIRM, {"the_id": row.pop("id"), **row}).rowcount == 1


def use(connection: Connection, factor_id: Ulid, up_to: int, signed: int, now: Milliseconds) -> bool:
    """Note the use of a factor unless it was used up to there, or its key has signed as often; tell whether it was.

    A key that does not count tells 0 each time.
    """
    values = {"the_id": factor_id, "up_to": up_to, "signed": signed, "now": now}
    return connection.execute(_USE, values).rowcount == 1


def remove(connection: Connection, user: str, factor_id: str) -> None:
    """Remove one factor of a user."""
    connection.execute(_REMOVE, {"user": user, "the_id": factor_id})


def remove_all(connection: Connection, user: str) -> None:
    """Remove every factor of a user, with the recovery codes."""
    connection.execute(_REMOVE_ALL, {"user": user})
    connection.execute(_REMOVE_CODES, {"user": user})


def recovery_codes_left(connection: Connection, user: str) -> int:
    """Return how many recovery codes of a user are not used yet."""
    return connection.execute(_CODES_LEFT, {"user": user}).scalar_one()


def replace_recovery_codes(connection: Connection, user: str, code_hmacs: Iterable[bytes]) -> None:
    """Give a user other recovery codes than before."""
    connection.execute(_REMOVE_CODES, {"user": user})
    connection.execute(_ADD_CODE, [{"user_name": user, "code_hmac": each} for each in code_hmacs])


def recovery_codes_made_for(connection: Connection, user: str) -> set[str]:
    """Return the names that a user's recovery codes were made for: the user may have had another one then."""
    return {name or user for name in connection.execute(_MADE_FOR, {"user": user}).scalars()}


def keep_recovery_codes(connection: Connection, user: str) -> None:
    """Let the recovery codes of a user, who is about to have another name, go on being good."""
    connection.execute(_KEEP_CODES, {"user": user})


def use_recovery_code(connection: Connection, user: str, code_hmacs: Iterable[bytes]) -> bool:
    """Use up a recovery code; tell whether it was there.

    It is given as what it comes to for each name that it may have been made for.
    """
    values = ({"user": user, "code_hmac": each} for each in code_hmacs)
    return any(connection.execute(_USE_CODE, each).rowcount == 1 for each in values)


def _factor(row: Any) -> Factor:
    named = row._asdict()
    return Factor(**{**named, "id": Ulid(named["id"]), "method": Method(named["method"])})
