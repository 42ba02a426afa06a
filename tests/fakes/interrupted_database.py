# SPDX-License-Identifier: Apache-2.0
"""A database for somebody who is slow."""

from asyncio import to_thread
from collections.abc import Callable
from typing import Concatenate
from typing import ParamSpec
from typing import TypeVar

from sqlalchemy import Connection

from tests.fakes.relayed_database import RelayedDatabase

P = ParamSpec("P")
T = TypeVar("T")


class InterruptedDatabase(RelayedDatabase):
    """A database in which something happens, once, between the answer to a read and its arrival."""

    meanwhile: Callable[[], None] | None = None

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, and let it happen."""
        answer = await super().read(work, *args, **kwargs)
        happening, self.meanwhile = self.meanwhile, None
        if happening is not None:
            await to_thread(happening)
        return answer
