# SPDX-License-Identifier: Apache-2.0
"""What a login costs, and what it tells by that."""

import re

import pytest

from entrepot.features.identity import WrongPassword
from entrepot.features.second_factors import Enrolment
from entrepot.features.second_factors import Method
from entrepot.features.second_factors import Proof
from entrepot.features.second_factors import RelyingParty
from entrepot.features.second_factors import SecondFactors
from entrepot.features.sessions import Logins
from entrepot.features.sessions import Sessions
from entrepot.features.sessions.errors import SessionEnded
from entrepot.features.sessions.models import OpenSession
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import Visitor
from entrepot.features.tokens import InstanceKey
from tests.builders.instance import Instance
from tests.builders.second_factors import Phone

PARTY = RelyingParty("localhost", "http://localhost:5000")
VISITOR = Visitor("192.0.2.1", "Firefox")

pytestmark = pytest.mark.anyio


async def recovery_code(instance: Instance, factors: SecondFactors) -> str:
    """Set up a phone for alice, and return a code that takes its place."""
    enrolment = Enrolment(instance.database, InstanceKey(b"k" * 32), factors, instance.clock)
    begun = await enrolment.begin_totp("alice", "phone", PARTY.host)
    phone = Phone(begun.secret, instance.clock, begun.id)
    return (await enrolment.confirm_totp("alice", phone.id, phone.code())).recovery_codes[0]


async def half_in(logins: Logins) -> OpenSession:
    """Log in with the password of alice."""
    return (await logins.log_in("alice", "correct horse", VISITOR)).found


async def cost(instance: Instance, logins: Logins, name: str, address: str) -> tuple[list[str], int]:
    """Fail to log in; return the statements without their values, and how many passwords were compared."""
    before = instance.hasher.verified
    with instance.traced_reads() as statements, pytest.raises(WrongPassword):
        await logins.log_in(name, "wrong horse", Visitor(address, ""))
    return [re.sub(r"'[^']*'|\d+", "?", statement) for statement in statements], instance.hasher.verified - before


async def test_unknown_wrong_and_disabled_cost_the_same(instance: Instance, logins: Logins) -> None:
    """The same statements and one hash each: the time tells nothing of which accounts there are."""
    names = ["alice", "nobody", "carol", "not a name"]

    costs = [await cost(instance, logins, name, f"192.0.2.{place}") for place, name in enumerate(names)]

    assert all(each == costs[0] for each in costs)
    assert (len(costs[0][0]), costs[0][1]) == (3, 1)


async def test_a_second_factor_is_used_up_by_the_login_that_it_completes(
    instance: Instance, factors: SecondFactors, sessions: Sessions, logins: Logins
) -> None:
    """If that is over meanwhile, the code is still good for the next one."""
    proof = Proof(Method.RECOVERY_CODE, await recovery_code(instance, factors))
    over, waiting = await half_in(logins), await half_in(logins)
    await sessions.end("alice", over.session.id)

    with pytest.raises(SessionEnded):
        await logins.give_second_factor(over, proof, PARTY, VISITOR.address)
    whole = await logins.give_second_factor(waiting, proof, PARTY, VISITOR.address)

    assert whole.found.state is SessionState.COMPLETE
