# SPDX-License-Identifier: Apache-2.0
"""Statements that are compiled once in a process.

SQLAlchemy compiles a statement once for each engine. A server has one engine for
as long as it runs; each test has one of its own, and a quarter of what a test of
the API costs was compiling what the test before it had compiled.
"""

from collections.abc import Iterator
from collections.abc import MutableMapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import event
from sqlalchemy.util import LRUCache

STATEMENTS = 5_000
"""How many are kept: a few times as many as there are."""


class Compiled(MutableMapping[Any, Any]):
    """What any engine with the same driver compiled: keys begin with the dialect, of which each engine has its own."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def __getitem__(self, key: Any) -> Any:
        return self._kept[_of_any_engine(key)]

    def __setitem__(self, key: Any, compiled: Any) -> None:
        self._kept[_of_any_engine(key)] = compiled

    def __delitem__(self, key: Any) -> None:
        del self._kept[_of_any_engine(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Have every connection of the process use what another one compiled."""
    compiled = Compiled()

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    event.listen(Engine, "engine_connect", share)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", share)


def _of_any_engine(key: Any) -> Any:
    dialect, *rest = key
    return dialect.name, dialect.driver, *rest
