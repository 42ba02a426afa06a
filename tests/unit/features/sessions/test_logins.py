# SPDX-License-Identifier: Apache-2.0
"""What a login costs, and what it tells by that."""

import re

import pytest

from entrepot.features.identity import WrongPassword
from entrepot.features.sessions import Logins
from entrepot.features.sessions.models import Visitor
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


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
