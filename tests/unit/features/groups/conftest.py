# SPDX-License-Identifier: Apache-2.0
"""Groups in a database, as two processes have it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from entrepot.features.groups import store
from entrepot.features.groups.admission import admit
from entrepot.features.groups.models import Group
from entrepot.features.groups.models import GroupName
from entrepot.features.groups.models import parse_member
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.builders.databases import opened_again

NOW = Milliseconds(1_800_000_000_000)


@dataclass(frozen=True, slots=True)
class Grouped:
    """A database with groups. What is not asynchronous blocks: from an asynchronous test, call it in a thread."""

    database: Database
    elsewhere: Database
    """The same database, as another process has it."""

    def add(self, *names: str, provider: str | None = None) -> None:
        """Store groups."""
        for name in names:
            group = Group(GroupName(name), "", NOW, "user:admin", provider)
            self.database.write_now(store.add, group)

    def put(self, member: str, group: str) -> bool:
        """Put a member into a group; tell whether it was not there before."""
        _, is_new = self.database.write_now(admit, GroupName(group), parse_member(member), NOW, "user:admin")
        return is_new

    def nest(self, *names: str) -> None:
        """Store groups, each in the next."""
        self.add(*names)
        for inner, outer in pairwise(names):
            self.put(f"group:{inner}", outer)


@pytest.fixture
def grouped(tmp_path: Path) -> Iterator[Grouped]:
    """Hold a database without groups."""
    first = a_database(tmp_path)
    second = opened_again(first)
    yield Grouped(first, second)
    second.close()
    first.close()
