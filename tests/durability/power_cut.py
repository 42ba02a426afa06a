# SPDX-License-Identifier: Apache-2.0
"""What a disk may hold after the power was cut, rebuilt from the trace of a real run.

The model is harsher than any file system in use. A change is safe once a sync that
began after it has ended; every other change that had begun may have reached the
disk or not, each on its own and in any order: a write as a whole, by 512-byte
sectors, or as zeros where a file had grown; a name apart from the content, and the
two halves of a rename apart from each other. SQLite's `-shm` file is left out: it
is memory, and is rebuilt.
"""

import random
import shutil
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.durability.operations import Acknowledge
from tests.durability.operations import Create
from tests.durability.operations import Link
from tests.durability.operations import MakeFolder
from tests.durability.operations import Operation
from tests.durability.operations import Rename
from tests.durability.operations import Sync
from tests.durability.operations import Truncate
from tests.durability.operations import Unlink
from tests.durability.operations import Write

SECTOR_BYTES = 512

Check = Callable[[Path, Sequence[Acknowledge]], Sequence[str]]
"""Looks with real code at what the disk held, given what had been acknowledged; returns what is wrong."""


@dataclass(eq=False, slots=True)
class Node:
    """A file or a folder, by whatever names: what was done to it, and when it was synced."""

    is_folder: bool
    changes: "list[Write | Truncate | Entry]" = field(default_factory=list)
    syncs: list[Sync] = field(default_factory=list)

    def is_safe(self, change: Operation, moment: int) -> bool:
        """Tell whether a sync vouches for the change at this moment."""
        return any(change.ended < sync.began and sync.ended < moment for sync in self.syncs)


@dataclass(frozen=True, slots=True)
class Entry(Operation):
    """In a folder, the last part of `path` came to mean `node`, or nothing."""

    node: Node | None


class Disk:
    """A folder, as the operations of a trace changed it."""

    def __init__(self, done: Sequence[Operation], root: Path) -> None:
        """Follow the operations under `root`, which was empty and safe when they began."""
        self.moments = sorted({moment for operation in done for moment in (operation.began, operation.ended + 1)})
        self._root = root
        self._nodes = {root: Node(is_folder=True)}
        self._top = self._nodes[root]
        for operation in done:
            self._apply(operation)

    def cut(self, moment: int, draw: random.Random, destination: Path) -> None:
        """Write to `destination`, which does not exist, what is left when the power goes before line `moment`."""
        keep = draw.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        _Cut(moment, draw, keep).restore(self._top, destination)

    def _apply(self, operation: Operation) -> None:
        if isinstance(operation, Sync) and operation.path in self._nodes:
            self._nodes[operation.path].syncs.append(operation)
        elif isinstance(operation, Write | Truncate) and operation.path in self._nodes:
            self._nodes[operation.path].changes.append(operation)
        elif isinstance(operation, Create | MakeFolder):
            node = self._nodes[operation.path] = Node(is_folder=isinstance(operation, MakeFolder))
            self._enter(operation, operation.path, node)
        elif isinstance(operation, Unlink):
            self._nodes.pop(operation.path, None)
            self._enter(operation, operation.path, None)
        elif isinstance(operation, Rename):
            node = self._nodes[operation.target] = self._nodes.pop(operation.path)
            self._enter(operation, operation.target, node)
            self._enter(operation, operation.path, None)
        elif isinstance(operation, Link):
            node = self._nodes[operation.target] = self._nodes[operation.path]
            self._enter(operation, operation.target, node)

    def _enter(self, operation: Operation, path: Path, node: Node | None) -> None:
        self._nodes[path.parent].changes.append(Entry(operation.began, operation.ended, path, node))


class _Cut:
    """One moment, and one draw of what reached the disk."""

    def __init__(self, moment: int, draw: random.Random, keep: float) -> None:
        self._moment = moment
        self._draw = draw
        self._keep = keep

    def restore(self, folder: Node, destination: Path) -> None:
        """Write out a folder and everything in it."""
        destination.mkdir()
        names: dict[str, Node | None] = {}
        for change, is_kept in self._changes(folder):
            if is_kept and isinstance(change, Entry):
                names[change.path.name] = change.node
        for name, node in names.items():
            if node is None or name.endswith("-shm"):
                continue
            if node.is_folder:
                self.restore(node, destination / name)
            else:
                (destination / name).write_bytes(self._content(node))

    def _changes(self, node: Node) -> Iterator[tuple[Operation, bool]]:
        for change in node.changes:
            if change.began < self._moment:
                yield change, node.is_safe(change, self._moment) or self._draw.random() < self._keep

    def _content(self, file: Node) -> bytes:
        data = bytearray()
        for change, is_kept in self._changes(file):
            if isinstance(change, Truncate) and is_kept:
                data = data[: change.size].ljust(change.size, b"\0")
            elif isinstance(change, Write):
                self._put(data, change, is_kept)
        return bytes(data)

    def _put(self, data: bytearray, write: Write, is_kept: bool) -> None:
        """Put all of a write, or some of its sectors, or only the size that it gave the file."""
        stop = write.offset + len(write.data)
        lost = None if is_kept else self._draw.choice(("everything", "sectors", "content"))
        if lost == "everything":
            return
        data.extend(bytes(max(0, stop - len(data))))
        if lost == "content":
            return
        for start, end in _sectors(write.offset, stop):
            if lost is None or self._draw.random() < 0.5:
                data[start:end] = write.data[start - write.offset : end - write.offset]


def _sectors(start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop:
        end = min(stop, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        yield start, end
        start = end


@dataclass(frozen=True, slots=True)
class Loss:
    """What was wrong after the power was cut before this line of the trace."""

    line: int
    reason: str

    def __str__(self) -> str:
        """Render for a person."""
        return f"power cut before line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Trial:
    """How many power cuts to try, from which seed, in which scratch folder."""

    cuts: int
    seed: int
    scratch: Path


def cut_power(done: Sequence[Operation], root: Path, check: Check, trial: Trial) -> Iterator[list[Loss]]:
    """Cut the power at random moments and yield, for each cut, what `check` found wrong afterwards.

    `done` are the operations of a trace under `root`. Each restored folder stays in
    the scratch folder if something was wrong with it.
    """
    disk = Disk(done, root)
    told = [operation for operation in done if isinstance(operation, Acknowledge)]
    draw = random.Random(trial.seed)
    for number in range(trial.cuts):
        moment = draw.choice(disk.moments)
        folder = trial.scratch / f"cut-{number}"
        disk.cut(moment, draw, folder)
        wrong = check(folder, [acknowledge for acknowledge in told if acknowledge.began < moment])
        if not wrong:
            shutil.rmtree(folder)
        yield [Loss(moment, reason) for reason in wrong]
