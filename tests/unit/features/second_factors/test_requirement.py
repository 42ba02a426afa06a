# SPDX-License-Identifier: Apache-2.0
"""Who has to have a second factor."""

import asyncio

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection

from entrepot.features.identity import Accounts
from entrepot.features.identity import WrongPassword
from entrepot.features.identity.errors import PasswordNotAccepted
from entrepot.features.second_factors import Requirement
from entrepot.features.second_factors import SecondFactorSettings
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ADDRESS = "192.0.2.1"


def requirement(instance: Instance, *required_for: str) -> Requirement:
    """Require a second factor of somebody."""
    settings = SecondFactorSettings.model_validate({"required_for": required_for})
    return Requirement(instance.database, settings, instance.clock)


def plan_of(connection: Connection, statement: str) -> list[str]:
    """Return the steps of SQLite's plan for a statement."""
    return [str(step[3]) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]


@pytest.mark.parametrize(
    ("required_for", "users", "administrators"),
    [
        ((), False, False),
        (("administrators",), False, True),
        (("everyone",), True, True),
        (("write",), False, True),
        (("administrators", "everyone"), True, True),
    ],
)
async def test_whom_the_configuration_names(
    instance: Instance, required_for: tuple[str, ...], users: bool, administrators: bool
) -> None:
    """By default nobody has to; administrators may do whatever any role may."""
    rule = requirement(instance, *required_for)
    await asyncio.to_thread(instance.grant, "user:root", "SYSTEM", "administrator")

    assert await rule.covers("alice") is users
    assert await rule.covers("root") is administrators


@pytest.mark.parametrize(
    ("required_for", "granted", "has_to"),
    [
        ("read", "read", True),
        ("read", "admin", True),
        ("write", "read", False),
        ("write", "write", True),
        ("write", "admin", True),
        ("admin", "write", False),
        ("admin", "admin", True),
    ],
)
async def test_a_role_names_whoever_has_it_anywhere(
    instance: Instance, required_for: str, granted: str, has_to: bool
) -> None:
    """So does a role that allows more; a lesser one, and that of somebody else, does not."""
    await asyncio.to_thread(instance.grant, "user:alice", "team/app/**", granted)
    rule = requirement(instance, required_for)

    assert await rule.covers("alice") is has_to
    assert not await rule.covers("bob")


async def test_whether_is_one_statement(instance: Instance) -> None:
    """Roles are looked up with one search, and nothing is asked where no role is named."""
    by_role, by_nothing = requirement(instance, "write"), requirement(instance)

    with instance.traced_reads() as statements:
        await by_nothing.covers("alice")
        await by_role.covers("alice")

    assert len(statements) == 1


@pytest.mark.sqlite
async def test_a_role_is_found_by_an_index(instance: Instance) -> None:
    """However many grants there are."""
    with instance.traced_reads() as statements:
        await requirement(instance, "write").covers("alice")
    plan = await instance.database.read(plan_of, statements[0])

    for table in ("group_members", "grants", "roles"):
        assert any(step.startswith(f"SEARCH {table} USING") for step in plan)
        assert not any(step.startswith(f"SCAN {table}") for step in plan)


def accounts(instance: Instance, *required_for: str) -> Accounts:
    """Return the accounts of an application that is configured so."""
    return Accounts(instance.database, instance.passwords, instance.throttle, requirement(instance, *required_for))


async def test_a_password_is_good_for_setting_one_up_only(instance: Instance) -> None:
    """It is refused everywhere but there, once it was right."""
    strict = accounts(instance, "everyone")

    with pytest.raises(PasswordNotAccepted, match="has to have a second factor") as refusal:
        await strict.authenticate("alice", "secret of alice", ADDRESS)
    with pytest.raises(WrongPassword):
        await strict.authenticate("alice", "a guess", ADDRESS)
    principal = await strict.authenticate("alice", "secret of alice", ADDRESS, allows_enrolment=True)

    assert "Log in to the console" in refusal.value.hint
    assert principal == await instance.logged_in("alice")


@pytest.mark.parametrize("columns", [{"second_factor_at": 1}, {"provider": "corporate"}])
async def test_whoever_has_one_does_not_set_it_up_with_the_password(
    instance: Instance, columns: dict[str, object]
) -> None:
    """Then it takes a session, which the second factor was given for."""
    await asyncio.to_thread(instance.change_user, "alice", **columns)

    with pytest.raises(PasswordNotAccepted):
        await accounts(instance).authenticate("alice", "secret of alice", ADDRESS, allows_enrolment=True)


async def test_what_logged_in_before_is_over_once_it_is_required(instance: Instance) -> None:
    """A login with the password alone does not outlive a server that asks for more."""
    credential = (await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)).credential

    assert await accounts(instance, "administrators").is_live("alice", credential)
    assert not await accounts(instance, "everyone").is_live("alice", credential)


def test_an_unknown_word_is_refused() -> None:
    """Only the two words and the names of roles can be configured."""
    with pytest.raises(ValidationError, match="required_for"):
        SecondFactorSettings.model_validate({"required_for": ["owners"]})
