# SPDX-License-Identifier: Apache-2.0
"""Logging in with a name and a text that is no secret of ours."""

import hashlib
from asyncio import to_thread

import pytest
from sqlalchemy import Connection

from entrepot.features.identity import WrongPassword
from entrepot.features.tokens import CredentialChecks
from entrepot.features.tokens import HarborHash
from entrepot.features.tokens import NamedLogins
from entrepot.features.tokens import Wanted
from entrepot.features.tokens import keep_secret
from entrepot.features.tokens import parse_alias
from entrepot.features.tokens import put_alias
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.store import credentials as store
from entrepot.kernel.clock import Milliseconds
from tests.builders.instance import Instance

ADDRESS, ALIAS, SECRET = "192.0.2.1", "robot$team+ci", "Imported1Secret"
SALT = "s" * 32
FOREIGN = HarborHash(SALT, hashlib.pbkdf2_hmac("sha256", SECRET.encode(), SALT.encode(), 4096, 16).hex())

pytestmark = pytest.mark.anyio


def plant(connection: Connection) -> Credential:
    """Give the robot an alias and an imported secret."""
    put_alias(connection, "robot:team.ci", parse_alias(ALIAS))
    wanted = Wanted("robot:team.ci", "secret", None, "user:admin")
    return keep_secret(connection, wanted, FOREIGN, Milliseconds(1))


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance with a user, and a robot that comes from elsewhere."""
    instance.add_user("alice", "a long password")
    instance.add_robot("team.ci")
    instance.database.write_now(plant)
    return instance


def named(instance: Instance) -> NamedLogins:
    """Put together what is tested."""
    return NamedLogins(instance.database, instance.accounts, instance.passwords, instance.throttle)


async def log_in(instance: Instance, name: str, secret: str) -> str:
    """Log in through all checks, and return who that is."""
    logins = CredentialChecks(instance.database, named(instance), instance.throttle, instance.standings, instance.clock)
    return (await logins.authenticate(name, secret, ADDRESS)).identity


async def test_the_name_tells_which_it_is(instance: Instance) -> None:
    """A user with a password, a robot with its imported secret."""
    assert await log_in(instance, "alice", "a long password") == "user:alice"
    assert await log_in(instance, ALIAS, SECRET) == "robot:team.ci"


@pytest.mark.parametrize("is_converted", [False, True])
async def test_known_and_unknown_names_cost_the_same(instance: Instance, is_converted: bool) -> None:
    """A wrong secret of an alias, and of one that nobody has: the same statements, and one hash as of a password."""
    if is_converted:
        await log_in(instance, ALIAS, SECRET)
    costs = []
    for name in (ALIAS, "robot$team+nil", "no one", "$"):
        before = instance.hasher.verified
        with instance.traced_reads() as statements, pytest.raises(WrongPassword):
            await log_in(instance, name, "wrong")
        costs.append((len(statements), instance.hasher.verified - before))

    assert len(set(costs)) == 1
    assert costs[0][1] == 1


async def test_a_users_name_is_never_looked_for_among_aliases(instance: Instance) -> None:
    """A login with a password costs no statement more than it did."""
    with instance.traced_reads() as with_aliases:
        await named(instance).authenticate("alice", "a long password", ADDRESS)
    with instance.traced_reads() as without:
        await instance.accounts.authenticate("alice", "a long password", ADDRESS)

    assert len(with_aliases) == len(without)


async def test_while_nothing_can_be_stored_the_foreign_hash_goes_on(instance: Instance) -> None:
    """Logging in does not wait for the disk."""
    logins = named(instance)
    await to_thread(instance.refuse_writes)

    await logins.authenticate(ALIAS, SECRET, ADDRESS)
    kept = await instance.database.read(store.imported, ALIAS)

    assert kept is not None
    assert kept.imported_hash == str(FOREIGN)


async def test_a_hash_that_was_replaced_meanwhile_stays(instance: Instance) -> None:
    """Of two first logins at once, the one that stores last changes nothing."""
    first = await named(instance).authenticate(ALIAS, SECRET, ADDRESS)
    assert isinstance(first, Credential)
    before = await instance.database.read(store.imported, ALIAS)
    await instance.database.write(store.convert, first.id, str(FOREIGN), "another")

    assert await instance.database.read(store.imported, ALIAS) == before
