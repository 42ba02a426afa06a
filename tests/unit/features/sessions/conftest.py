# SPDX-License-Identifier: Apache-2.0
"""Sessions on an instance of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.identity import Users
from entrepot.features.second_factors import Requirement
from entrepot.features.second_factors import SecondFactors
from entrepot.features.second_factors import SecondFactorSettings
from entrepot.features.sessions import Logins
from entrepot.features.sessions import Sessions
from entrepot.features.sessions import SessionSettings
from entrepot.features.tokens import InstanceKey
from tests.builders.instance import Instance
from tests.builders.instance import an_instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance with the user alice, and carol who is disabled."""
    with an_instance(tmp_path) as instance:
        instance.add_user("alice", "correct horse")
        instance.add_user("carol", "correct horse")
        instance.change_user("carol", disabled_at=1)
        yield instance


@pytest.fixture
def factors(instance: Instance) -> SecondFactors:
    """Second factors that nobody has to have."""
    requirement = Requirement(instance.database, SecondFactorSettings(), instance.clock)
    return SecondFactors(instance.database, InstanceKey(b"k" * 32), requirement, instance.throttle, instance.clock)


@pytest.fixture
def sessions(instance: Instance, factors: SecondFactors, tmp_path: Path) -> Sessions:
    """Sessions with the limits that hold by default."""
    users = Users(instance.database, instance.accounts, instance.passwords, tmp_path, instance.clock)
    return Sessions(instance.database, users, factors, SessionSettings().limits, instance.clock)


@pytest.fixture
def logins(instance: Instance, factors: SecondFactors, sessions: Sessions) -> Logins:
    """Logins to them."""
    return Logins(instance.database, sessions, instance.accounts, factors, instance.clock)
