# SPDX-License-Identifier: Apache-2.0
"""Proving from a trace that nothing was acknowledged before it was on the disk."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from typing import cast

from tests.durability.operations import Acknowledge
from tests.durability.operations import Create
from tests.durability.operations import MakeFolder
from tests.durability.operations import Operation
from tests.durability.operations import Rename
from tests.durability.operations import Sync
from tests.durability.operations import Truncate
from tests.durability.operations import Write
from tests.durability.operations import operations

K = TypeVar("K", bound=Operation)

CREATED = b"HTTP/1.1 201"
"""How the answer begins that promises durability."""


@dataclass(frozen=True, slots=True)
class Violation:
    """An acknowledgement, counted from 1, that left at this line of the trace, and what was not on the disk."""

    acknowledgement: int
    line: int
    reason: str

    def __str__(self) -> str:
        """Render for a person."""
        return f"acknowledgement {self.acknowledgement} left (line {self.line}) before {self.reason}"


def prove(trace_lines: Iterable[str], data_dir: Path, acknowledgement: bytes = CREATED) -> list[Violation]:
    """Return every promise that was made too early. `data_dir` was empty when the trace began.

    Requests must have come one at a time: what happened between two
    acknowledgements belongs to the later one. For each of them

    * a file that was renamed was synced between its last change and the rename,
      and was not changed afterwards;
    * the folder that it was renamed into was synced after that, and so was the
      parent of each folder that had been made for it;
    * what was written to a SQLite write-ahead log since, and after the last rename,
      was synced (a transaction that began after that sync is somebody else's), and
      so was the folder in which the log and its database were created;
    * where files were renamed and there is a log, something was logged after that.
    """
    return prove_operations(operations(trace_lines, data_dir, acknowledgement))


def prove_operations(done: Sequence[Operation]) -> list[Violation]:
    """Do what `prove` does, with the operations of a trace."""
    history = _History(done)
    violations = []
    since = 0
    for number, told in enumerate(history.of(Acknowledge), 1):
        violations += [Violation(number, told.began, reason) for reason in history.reasons(since, told.began)]
        since = told.began
    return violations


class _History:
    """What was done, by kind and by path."""

    def __init__(self, done: Sequence[Operation]) -> None:
        self._kinds: dict[type[Operation], list[Operation]] = defaultdict(list)
        self._changes: dict[Path, list[Operation]] = defaultdict(list)
        self._syncs: dict[Path, list[Operation]] = defaultdict(list)
        for operation in done:
            self._kinds[type(operation)].append(operation)
            if isinstance(operation, Sync):
                self._syncs[operation.path].append(operation)
            elif isinstance(operation, Create | Write | Truncate):
                self._changes[operation.path].append(operation)

    def of(self, kind: type[K]) -> list[K]:
        """List the operations of one kind."""
        return cast("list[K]", self._kinds[kind])

    def reasons(self, since: int, until: int) -> Iterator[str]:
        """Say what had not reached the disk when an acknowledgement left at `until`, the one before it at `since`."""
        renames = [rename for rename in self.of(Rename) if since < rename.ended < until]
        for rename in renames:
            yield from self._rename(rename, until)
        since = max([since, *(rename.ended for rename in renames)])
        for log in [path for path in self._changes if path.name.endswith("-wal")]:
            logged = [write for write in self._changes[log] if isinstance(write, Write) and since < write.began < until]
            yield from self._log(log, logged, until)
            if renames and not logged:
                yield f"{log.name} was written to, after files were renamed until line {since}"

    def _rename(self, rename: Rename, until: int) -> Iterator[str]:
        last = max((change.ended for change in self._changes[rename.path] if change.began < rename.began), default=0)
        if not self._is_synced(rename.path, last, rename.began):
            yield f"{rename.target.name} was synced, after line {last} and before its rename in line {rename.began}"
        if any(rename.began < change.began < until for change in self._changes[rename.target]):
            yield f"{rename.target.name} was finished: it was changed after its rename in line {rename.began}"
        if not self._is_synced(rename.target.parent, rename.ended, until):
            yield f"the folder of {rename.target.name} was synced, after its rename in line {rename.began}"
        for made in self.of(MakeFolder):
            is_above = made.began < rename.began and rename.target.is_relative_to(made.path)
            if is_above and not self._is_synced(made.path.parent, made.ended, until):
                yield f"the folder above {made.path.name} was synced, after that was made in line {made.began}"

    def _log(self, log: Path, logged: list[Write], until: int) -> Iterator[str]:
        if logged and not self._is_synced(log, min(write.ended for write in logged), until):
            yield f"{log.name} was synced, after it was written to in line {logged[-1].began}"
        for path in (log, log.with_name(log.name.removesuffix("-wal"))):
            for change in self._changes[path][:1]:
                if change.ended < until and not self._is_synced(path.parent, change.ended, until):
                    yield f"the folder of {path.name} was synced, after that was created in line {change.began}"

    def _is_synced(self, path: Path, after: int, before: int) -> bool:
        return any(after < sync.began and sync.ended < before for sync in self._syncs[path])


def main(arguments: list[str]) -> int:
    """Prove a trace that was recorded before, and exit with status 1 if that fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.durability.prove", description=__doc__)
    parser.add_argument("trace", type=Path)
    parser.add_argument("data_dir", type=Path)
    parsed = parser.parse_args(arguments)
    with parsed.trace.open() as lines:
        violations = prove(lines, parsed.data_dir)
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
