# SPDX-License-Identifier: Apache-2.0
"""Asking the guardrails before something happens."""

import asyncio

import pytest

from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.guardrails.errors import RefusedByGuardrail
from entrepot.features.guardrails.guard import Act
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import internal
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import after
from tests.builders.guardrail_words import a_guardrail
from tests.builders.guardrail_words import an_exception
from tests.unit.features.guardrails.conftest import Guarded

ALICE = Principal(PrincipalKind.USER, "alice")
ROBOT = Principal(PrincipalKind.ROBOT, "team.ci")
WORKLOAD = Principal(PrincipalKind.WORKLOAD, "cluster")
PUSHING = a_guardrail("only-ci", GuardrailKind.PUSH_BY_MACHINES, "team/**")
FACTORS = a_guardrail("factors", GuardrailKind.SECOND_FACTOR, "team/**")

pytestmark = pytest.mark.anyio


async def is_refused(guarded: Guarded, principal: Principal, deed: Deed = Deed.PUSH, place: str = "team/app") -> bool:
    """Tell whether a deed in a repository is refused."""
    return bool(await guarded.guard.refusal_of(Act(deed, principal, place)))


async def test_machines_and_what_is_part_of_the_registry_push(guarded: Guarded) -> None:
    """People do not, whether they are logged in or not."""
    await guarded.set(PUSHING)

    refused = [await is_refused(guarded, each) for each in (ALICE, ANONYMOUS, ROBOT, WORKLOAD, internal("retention"))]

    assert refused == [True, True, False, False, False]


async def test_an_exception_ends_by_itself(guarded: Guarded) -> None:
    """Nothing has to be read anew for that."""
    ends_at = after(guarded.instance.clock(), MINUTE_MS)
    await guarded.set(PUSHING)
    await guarded.exempt(an_exception("only-ci", "", "user:alice", ends_at))
    before = await is_refused(guarded, ALICE)
    guarded.instance.clock.advance(MINUTE_MS)

    assert before is False
    assert await is_refused(guarded, ALICE) is True


async def test_a_second_factor_counts_as_soon_as_it_is_there(guarded: Guarded) -> None:
    """That there was none is not remembered; that there was one is, for two seconds."""
    await guarded.set(FACTORS)
    await asyncio.to_thread(guarded.instance.add_user, "alice", "a password")
    before = await is_refused(guarded, ALICE)
    await asyncio.to_thread(guarded.instance.change_user, "alice", second_factor_at=1)
    since = await is_refused(guarded, ALICE)
    await asyncio.to_thread(guarded.instance.change_user, "alice", second_factor_at=None)
    guarded.instance.clock.advance(2_000)

    assert (before, since, await is_refused(guarded, ALICE)) == (True, False, True)


@pytest.mark.parametrize(("column", "value"), [("provider", "ldap"), ("second_factor_at", 1)])
async def test_what_an_identity_provider_asks_for_is_its_own_affair(
    guarded: Guarded, column: str, value: object
) -> None:
    """Accounts from one count as those with a second factor do."""
    await guarded.set(FACTORS)
    await asyncio.to_thread(guarded.instance.add_user, "alice", "a password")
    await asyncio.to_thread(guarded.instance.change_user, "alice", **{column: value})

    await guarded.guard.require_administering(ALICE, "team/**")
    assert await is_refused(guarded, ALICE) is False


async def test_administering_is_refused_where_a_part_is_guarded(guarded: Guarded) -> None:
    """A grant on everything is one on the guarded project too; the registry itself is another matter."""
    await guarded.set(FACTORS)

    for path_pattern in ("**", "te*/app", "team"):
        with pytest.raises(RefusedByGuardrail, match="second factor"):
            await guarded.guard.require_administering(ALICE, path_pattern)
    await guarded.guard.require_administering(ALICE, "other/**")
    await guarded.guard.require_administering(ALICE, "SYSTEM")


async def test_a_guardrail_that_simulates_hides_none_that_refuses(guarded: Guarded) -> None:
    """The one counts, the other refuses; what an exception lets through is not counted."""
    await guarded.set(a_guardrail("a-trial", GuardrailKind.PUSH_BY_MACHINES, "**", mode=GuardrailMode.SIMULATE))
    await guarded.set(PUSHING)
    refused = [await is_refused(guarded, ALICE), await is_refused(guarded, ALICE, place="other/app")]

    assert refused == [True, False]
    assert await guarded.counted("a-trial") == {"team/app": 1, "other/app": 1}
    assert await guarded.counted("only-ci") == {}


async def test_grants_to_everyone_are_like_internal_projects(guarded: Guarded) -> None:
    """Only a guardrail that includes these refuses them; grants to somebody are free."""
    await guarded.set(a_guardrail("closed", GuardrailKind.NO_PUBLIC, "team/**"))
    everyone = Terms(Grantee(GranteeKind.EVERYONE, "everyone"), "team/**", "read")
    nobody = Terms(Grantee(GranteeKind.ANONYMOUS, "anonymous"), "team/**", "read")

    await guarded.guard.require_granting(ALICE, everyone, None)
    with pytest.raises(RefusedByGuardrail, match="closed"):
        await guarded.guard.require_granting(ALICE, nobody, None)
