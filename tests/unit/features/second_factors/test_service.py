# SPDX-License-Identifier: Apache-2.0
"""What a login asks about second factors."""

import asyncio
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.identity import User
from entrepot.features.identity import Users
from entrepot.features.identity import find_user
from entrepot.features.identity.errors import TooManyAttempts
from entrepot.features.identity.throttle import ADDRESS as ADDRESS_ALLOWANCE
from entrepot.features.second_factors import Challenge
from entrepot.features.second_factors import Enrolment
from entrepot.features.second_factors import Method
from entrepot.features.second_factors import Proof
from entrepot.features.second_factors import RelyingParty
from entrepot.features.second_factors import Requirement
from entrepot.features.second_factors import SecondFactors
from entrepot.features.second_factors import SecondFactorSettings
from entrepot.features.second_factors import SecondFactorWrong
from entrepot.features.second_factors.errors import NoKeyForThisHost
from entrepot.features.tokens import InstanceKey
from entrepot.features.users.service import Lifecycle
from entrepot.infra.events import outbox
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.errors import NotFound
from entrepot.registry.events import decode
from tests.builders.databases import until_final
from tests.builders.instance import Instance
from tests.builders.second_factors import STEP_MS
from tests.builders.second_factors import Phone
from tests.fakes.software_authenticator import SoftwareAuthenticator

ROOT = Principal(PrincipalKind.USER, "root")

pytestmark = pytest.mark.anyio

ADDRESS = "192.0.2.7"
PARTY = RelyingParty("registry.example.com", "https://registry.example.com")
KEY = InstanceKey(b"k" * 32)
EVERYONE = SecondFactorSettings(required_for=("everyone",))


@dataclass(frozen=True, slots=True)
class Desk:
    """Second factors, and the place where they are set up."""

    instance: Instance
    factors: SecondFactors
    enrolment: Enrolment

    async def phone(self, user: str) -> Phone:
        """Set up a phone, whose code of that moment is over by now."""
        begun = await self.enrolment.begin_totp(user, "phone", PARTY.host)
        phone = Phone(begun.secret, self.instance.clock, begun.id)
        made = await self.enrolment.confirm_totp(user, phone.id, phone.code())
        self.instance.clock.advance(STEP_MS)
        return Phone(phone.secret, phone.clock, phone.id, made.recovery_codes)

    async def key(self, user: str, *, counts: bool = True) -> SoftwareAuthenticator:
        """Set up a security key."""
        key = SoftwareAuthenticator(PARTY.origin, counts=counts)
        begun = await self.enrolment.begin_webauthn(user, PARTY)
        await self.enrolment.confirm_webauthn(user, begun.id, "key", key.create(begun.options), PARTY)
        return key

    async def is_right(self, user: str, proof: Proof, asked: Challenge | None = None, address: str = ADDRESS) -> bool:
        """Tell whether a proof is taken."""
        given = replace(proof, state=b"" if asked is None else asked.state)
        try:
            return await self.factors.verify(user, given, PARTY, address, lambda _: True)
        except SecondFactorWrong:
            return False


def a_desk(instance: Instance, settings: SecondFactorSettings) -> Desk:
    """Put it together as the application does."""
    database, clock = instance.database, instance.clock
    requirement = Requirement(database, settings, clock)
    factors = SecondFactors(database, KEY, requirement, instance.throttle, clock)
    return Desk(instance, factors, Enrolment(database, KEY, factors, clock))


@pytest.fixture
def desk(instance: Instance) -> Desk:
    """Require second factors of nobody."""
    return a_desk(instance, SecondFactorSettings())


def signed(key: SoftwareAuthenticator, asked: Challenge) -> Proof:
    """Let a key answer."""
    return Proof(Method.WEBAUTHN, assertion=key.get(asked.options))


def typed(code: str) -> Proof:
    """Type the code of an app."""
    return Proof(Method.TOTP, code)


async def user(instance: Instance, name: str) -> User:
    """Read a user."""
    found = await instance.database.read(find_user, name)
    assert found is not None
    return found


async def test_the_ways_to_prove_it(desk: Desk) -> None:
    """They are those that are set up, and recovery codes while any are left; what is not confirmed is none."""
    before = await desk.factors.methods("alice")
    await desk.enrolment.begin_totp("alice", "phone", PARTY.host)
    begun = await desk.factors.methods("alice")
    await desk.key("alice")
    by_key = await desk.factors.methods("alice")
    phone = await desk.phone("alice")

    assert (before, begun, by_key, phone.recovery_codes) == ((), (), (Method.WEBAUTHN, Method.RECOVERY_CODE), ())
    assert await desk.factors.methods("alice") == (Method.TOTP, Method.WEBAUTHN, Method.RECOVERY_CODE)
    assert await desk.factors.methods("bob") == await desk.factors.methods("nobody") == ()


def plans_of(connection: Connection, statements: list[str]) -> list[str]:
    """Return the steps of SQLite's plans for some statements."""
    explained = (connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}") for each in statements)
    return [str(step[3]) for plan in explained for step in plan]


async def test_the_ways_are_two_statements(desk: Desk) -> None:
    """One for the factors, one for the codes."""
    with desk.instance.traced_reads() as statements:
        await desk.factors.methods("alice")

    assert len(statements) == 2


@pytest.mark.sqlite
async def test_the_ways_are_two_searches(desk: Desk) -> None:
    """Whatever others have set up, a user's factors and codes are found through indexes."""
    with desk.instance.traced_reads() as statements:
        await desk.factors.methods("alice")

    plans = [each for each in await desk.instance.database.read(plans_of, statements) if "TEMP B-TREE" not in each]
    assert len(statements) == len(plans) == 2
    assert all(each.startswith("SEARCH ") and "INDEX" in each for each in plans)


async def test_used_up_recovery_codes_are_no_way(desk: Desk) -> None:
    """After the tenth, only the phone is left."""
    phone = await desk.phone("alice")

    used = [await desk.is_right("alice", Proof(Method.RECOVERY_CODE, code)) for code in phone.recovery_codes]

    assert used == [True] * 10
    assert await desk.factors.methods("alice") == (Method.TOTP,)


async def test_of_whom_it_is_required(instance: Instance) -> None:
    """Of everyone with a local account: an identity provider sees to its own."""
    desk = a_desk(instance, EVERYONE)
    alice = await user(instance, "alice")

    assert await desk.factors.is_required(alice)
    assert not await desk.factors.is_required(replace(alice, provider="corporate"))
    assert not await a_desk(instance, SecondFactorSettings()).factors.is_required(alice)


async def test_a_challenge_takes_a_key_for_the_host(desk: Desk) -> None:
    """Who has none, or has set them up under another name of the registry, is asked for no signature."""
    await desk.phone("alice")
    with pytest.raises(NoKeyForThisHost):
        await desk.factors.challenge("alice", PARTY)
    await desk.key("alice")

    with pytest.raises(NoKeyForThisHost):
        await desk.factors.challenge("alice", RelyingParty("other.example.com", "https://other.example.com"))


async def test_an_answer_has_five_minutes(desk: Desk) -> None:
    """What is signed within that time counts, what comes later does not; nor from before the question was asked."""
    key = await desk.key("alice")
    asked = [await desk.factors.challenge("alice", PARTY) for _ in range(2)]

    desk.instance.clock.advance(5 * MINUTE_MS)
    too_late = await desk.is_right("alice", signed(key, asked[0]), asked[0])
    desk.instance.clock.advance(-1)

    assert not too_late
    assert await desk.is_right("alice", signed(key, asked[1]), asked[1])


async def test_an_answer_before_its_question_is_none(desk: Desk) -> None:
    """When the clock was set back, somebody is asked again."""
    key = await desk.key("alice")
    asked = await desk.factors.challenge("alice", PARTY)

    desk.instance.clock.advance(-SECOND_MS)

    assert not await desk.is_right("alice", signed(key, asked), asked)
    again = await desk.factors.challenge("alice", PARTY)
    assert await desk.is_right("alice", signed(key, again), again)


async def test_the_same_answer_counts_once(desk: Desk) -> None:
    """Even of a key that does not count, and while the state of the question is still at hand."""
    key = await desk.key("alice", counts=False)
    asked = await desk.factors.challenge("alice", PARTY)
    proof = signed(key, asked)

    outcomes = await asyncio.gather(*(desk.is_right("alice", proof, asked) for _ in range(3)))

    assert sorted(outcomes) == [False, False, True]


async def test_a_question_is_for_its_user(desk: Desk) -> None:
    """What one user was asked does not let another one in, with whosever key."""
    of_alice, of_bob = await desk.key("alice"), await desk.key("bob")
    asked, own = await desk.factors.challenge("alice", PARTY), await desk.factors.challenge("bob", PARTY)
    crossed = Proof(Method.WEBAUTHN, assertion=of_bob.get({**own.options, "challenge": asked.options["challenge"]}))

    assert not await desk.is_right("bob", signed(of_alice, asked), asked)
    assert not await desk.is_right("bob", crossed, asked)
    assert await desk.is_right("alice", signed(of_alice, asked), asked)


@pytest.mark.parametrize("state", [b"", b"{}", b"\xff", b"[]", b'{"user": 1}'])
async def test_a_state_that_is_none_proves_nothing(desk: Desk, state: bytes) -> None:
    """Without the question there is no answer."""
    key = await desk.key("alice")
    asked = await desk.factors.challenge("alice", PARTY)

    assert not await desk.is_right("alice", signed(key, asked), replace(asked, state=state))


async def test_methods_are_not_taken_for_each_other(desk: Desk) -> None:
    """A recovery code is no code of an app, nor the other way round, and nothing at all is neither."""
    phone = await desk.phone("alice")

    wrong = [typed(phone.recovery_codes[0]), Proof(Method.RECOVERY_CODE, phone.code())]
    wrong += [Proof(method) for method in Method]

    assert [await desk.is_right("alice", proof, address=f"192.0.2.{n}") for n, proof in enumerate(wrong)] == [False] * 5
    assert await desk.is_right("alice", typed(phone.code()))


def _fail(connection: Connection) -> None:
    raise NotFound("what it was for is gone")


async def test_a_proof_that_came_to_nothing_is_still_good(desk: Desk) -> None:
    """It is used up with what it is for, or not at all."""
    phone, key = await desk.phone("alice"), await desk.key("alice")
    asked = await desk.factors.challenge("alice", PARTY)
    proofs = [typed(phone.code()), Proof(Method.RECOVERY_CODE, phone.recovery_codes[0]), signed(key, asked)]

    for proof in proofs:
        with pytest.raises(NotFound):
            await desk.factors.verify("alice", replace(proof, state=asked.state), PARTY, ADDRESS, _fail)

    assert [await desk.is_right("alice", proof, asked) for proof in proofs] == [True] * 3


async def test_guesses_are_counted_for_each_address(desk: Desk) -> None:
    """Who guesses from one address does not keep the user out at another one."""
    phone = await desk.phone("alice")
    for _ in range(5):
        await desk.is_right("alice", typed("no code"), address="203.0.113.1")

    with pytest.raises(TooManyAttempts, match="from your address"):
        await desk.is_right("alice", typed(phone.code()), address="203.0.113.1")
    assert await desk.is_right("alice", typed(phone.code()))


async def test_guesses_from_everywhere_are_counted_too(desk: Desk) -> None:
    """Beyond fifty wrong codes in a row the account waits, wherever they came from; other accounts do not."""
    phone, other = await desk.phone("alice"), await desk.phone("bob")
    for number in range(50):
        await desk.is_right("alice", typed("no code"), address=f"203.0.113.{number}")

    with pytest.raises(TooManyAttempts, match=r"too many wrong codes for this account$"):
        await desk.is_right("alice", typed(phone.code()))
    assert await desk.is_right("bob", typed(other.code()))


async def test_wrong_codes_do_not_slow_passwords(desk: Desk) -> None:
    """Passwords are counted by themselves, at the same address too."""
    await desk.phone("alice")
    for _ in range(5):
        await desk.is_right("alice", typed("no code"))

    assert (await desk.instance.accounts.verify("alice", "secret of alice", ADDRESS)).name == "alice"


async def rename(instance: Instance, old: str, new: str, tmp_path: Path) -> None:
    """Give a user another name."""
    users = Users(instance.database, instance.accounts, instance.passwords, tmp_path, instance.clock)
    await Lifecycle(instance.database, users, instance.clock).rename(old, new)


async def test_second_factors_go_along_with_a_new_name(desk: Desk, tmp_path: Path) -> None:
    """The phone, and the recovery codes that were written down under the old name; each code once, as before."""
    phone = await desk.phone("alice")
    await rename(desk.instance, "alice", "ada", tmp_path)
    await rename(desk.instance, "ada", "countess", tmp_path)
    codes = [Proof(Method.RECOVERY_CODE, code) for code in (*phone.recovery_codes[:2], phone.recovery_codes[0])]

    assert await desk.is_right("countess", typed(phone.code()))
    assert [await desk.is_right("countess", code) for code in codes] == [True, True, False]
    assert not await desk.is_right("alice", Proof(Method.RECOVERY_CODE, phone.recovery_codes[3]))


async def test_recovery_codes_that_were_replaced_under_a_new_name_are_the_only_ones(desk: Desk, tmp_path: Path) -> None:
    """Those from before the renaming are no longer good."""
    phone = await desk.phone("alice")
    await rename(desk.instance, "alice", "ada", tmp_path)
    renewed = await desk.enrolment.renew_recovery_codes("ada")

    assert not await desk.is_right("ada", Proof(Method.RECOVERY_CODE, phone.recovery_codes[0]))
    assert await desk.is_right("ada", Proof(Method.RECOVERY_CODE, renewed[0]))


async def test_the_owner_gets_in_while_a_thief_of_the_password_guesses(desk: Desk) -> None:
    """Wrong codes from everywhere hold up further codes of the phone, and not a key or a recovery code."""
    phone, key = await desk.phone("alice"), await desk.key("alice")
    for number in range(ADDRESS_ALLOWANCE.free):
        await desk.is_right("alice", typed("000000"), address=f"198.51.100.{number}")

    with pytest.raises(TooManyAttempts):
        await desk.is_right("alice", typed(phone.code()))
    asked = await desk.factors.challenge("alice", PARTY)
    assert await desk.is_right("alice", signed(key, asked), asked)
    assert await desk.is_right("alice", Proof(Method.RECOVERY_CODE, phone.recovery_codes[0]))


async def test_what_happens_to_second_factors_is_announced(desk: Desk) -> None:
    """Set up, codes replaced, removed one by one, and reset; without secrets."""
    phone = await desk.phone("alice")
    await desk.key("alice")
    await desk.enrolment.renew_recovery_codes("alice")
    await desk.enrolment.remove("alice", phone.id)
    await desk.enrolment.reset("alice", ROOT)
    await desk.enrolment.reset("alice", ROOT)

    await until_final(desk.instance.database)
    rows = await desk.instance.database.read(outbox.read_after, outbox.BEGINNING, 100)
    events = [decode(row) for row in rows]
    kinds = ["added", "added", "codes-replaced", "removed", "removed"]
    assert [event.type for event in events] == [f"second-factor.{kind}" for kind in kinds]
    assert events[0].after == {"id": phone.id, "method": "totp", "name": "phone"} == events[3].before
    assert phone.secret not in repr(events)
