# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale.copying [--seconds N] [--on postgresql|sqlite] [--seed N]`: status 1 if a promise broke.

Releases with all that belongs to them are copied from one repository into another, again and again, while nodes are
killed with SIGKILL in the middle and started anew. Meanwhile somebody asks for every tag of the target: it is not
there, or all that belongs to it is. In the end each copy is done, with the digests that the source has, and each tag
was set once.
"""

import argparse
import json
import os
import random
import secrets
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any

from entrepot.entry.configuration import DATABASE_FILE
from tests.scale.copying.source import Release
from tests.scale.copying.source import a_release
from tests.scale.copying.source import push
from tests.scale.copying.source import seen
from tests.scale.nodes import Node
from tests.scale.nodes import alone
from tests.scale.nodes import started
from tests.scale.storages import in_folder

PLACES = ("postgresql", "sqlite")
SOURCE = "dev/app"
RELEASES = 20
KILLS = 2
"""So often each copy is killed; a job that is killed five times is given up."""
LIVED_SECONDS = (0.1, 1.5)
DONE_SECONDS = 180.0
"""How long a copy may take: two leases of its job, and the work."""

_RUNNER = "SELECT claimed_by FROM jobs WHERE kind = 'copies.run' AND state = 'running'"


@dataclass(slots=True)
class Stage:
    """The nodes, what is copied, and what was found not to be as it should."""

    nodes: Sequence[Node]
    releases: Sequence[Release]
    dice: random.Random
    claimed_by: Callable[[], str]
    """Tells which process makes a copy, as its job says."""
    targets: list[str] = field(default_factory=list)
    kills: int = 0
    broken: list[str] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    _ending: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Look at the tags of the target until the end: what is there has to be whole."""
        for turn in count():
            if self._ending.wait(0.02):
                return
            release, target = self.releases[turn % len(self.releases)], self.targets[-1] if self.targets else ""
            found = seen(self.nodes[turn % len(self.nodes)], target, release) if target else None
            self.looks["whole" if found == release.digests else "nothing" if found is None else "half"] += 1
            if found is not None and found != release.digests:
                self.broken.append(f"{target}:{release.tag} lacks {len(release.digests - found)} manifests")

    def end(self) -> None:
        """Stop looking."""
        self._ending.set()


def main(arguments: list[str]) -> int:
    """Do it, print what came of it, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale.copying", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="begin copies under kills for so long")
    parser.add_argument("--on", choices=PLACES, default=PLACES[0], help="three nodes on the one, one on the other")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    dice = random.Random(given.seed)
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-copying-") as folder,
        _stage(given.on, Path(folder), dice) as stage,
    ):
        _play(stage, given.seconds)
    for each in stage.broken:
        print(f"BROKEN: {each}")
    print("a promise was broken" if stage.broken else "every copy is whole, and was at every moment")
    return 1 if stage.broken else 0


@contextmanager
def _stage(where: str, folder: Path, dice: random.Random) -> Iterator[Stage]:
    """Hold the nodes, with everything in the source."""
    releases = [a_release(number) for number in range(RELEASES)]
    if where == "sqlite":
        with alone(folder) as node:
            push(node, SOURCE, releases)
            yield Stage([node], releases, dice, lambda: _asked(node.data / DATABASE_FILE))
    else:
        with started(folder, storing=in_folder) as alike:
            push(alike.nodes[0], SOURCE, releases)
            yield Stage(alike.nodes, releases, dice, lambda: alike.database.run(_RUNNER, "nodes"))


def _asked(file: Path) -> str:
    """Ask the database of a node that may be away."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        return "".join(str(row[0]) for row in database.execute(_RUNNER))


def _play(stage: Stage, seconds: float) -> None:
    """Make one copy after another under kills, each whole in the end, and count what that took."""
    looking = threading.Thread(target=stage.look)
    looking.start()
    ends_at = time.monotonic() + seconds
    try:
        while not stage.targets or time.monotonic() < ends_at:
            _copy(stage, f"prod/app{len(stage.targets)}")
    finally:
        stage.end()
        looking.join()
    for target in stage.targets:
        _audit(stage, target)
    runs = sum(int(job["failures"]) for job in _jobs(stage))
    print(f"{len(stage.targets)} copies; {stage.kills} kills, which ended {runs} runs of them; {dict(stage.looks)}")
    if not runs or not stage.looks["whole"]:
        stage.broken.append("nothing was proven: no run of a copy was killed, or nobody looked")


def _copy(stage: Stage, target: str) -> None:
    """Ask for a copy, kill whoever makes it some times, and wait until it has ended."""
    stage.targets.append(target)
    wanted = {"target": target, "tag_pattern": "v*", "follow_hours": 0}
    asked = _ask(stage.nodes, "POST", f"/api/v1/repositories/{SOURCE}/-/copies", wanted)
    address, ends_at = f"/api/v1/copies/{asked['id']}", time.monotonic() + DONE_SECONDS
    before = stage.kills
    while stage.kills < before + KILLS and time.monotonic() < ends_at:
        if _jobs(stage)[0]["state"] not in ("queued", "running"):
            break
        _kill(stage)
        time.sleep(0.02)
    while (copy := _ask(stage.nodes, "GET", address))["state"] == "running" and time.monotonic() < ends_at:
        time.sleep(0.05)
    if copy["state"] != "done":
        stage.broken.append(f"the copy to {target} is {copy['state']}: {copy['reason']}")


def _kill(stage: Stage) -> None:
    """Let the node that makes a copy live for a moment, kill it if it still does, and start it again."""
    victim = _runner(stage)
    time.sleep(stage.dice.uniform(*LIVED_SECONDS))
    if victim is not None and _runner(stage) is victim:
        victim.kill()
        stage.kills += 1
        victim.start()


def _runner(stage: Stage) -> Node | None:
    """Return the node that makes a copy; None if it was killed, and nobody has taken it up yet."""
    process = int(stage.claimed_by().rpartition(":")[2].strip() or 0)
    with suppress(ProcessLookupError):
        group = os.getpgid(process) if process else 0
        return next((node for node in stage.nodes if node.running.process.pid == group), None)
    return None


def _jobs(stage: Stage) -> Any:
    """Return the jobs of copies, the newest first."""
    return _ask(stage.nodes, "GET", "/api/v1/jobs?kind=copies.run&limit=1000")["items"]


def _audit(stage: Stage, target: str) -> None:
    """Look at everything that there is in the end, and at the events of its tags."""
    for release in stage.releases:
        found = seen(stage.nodes[0], target, release)
        if found != release.digests:
            stage.broken.append(f"{target}:{release.tag} is not what the source has: {found}")
    wanted = sorted(tag for release in stage.releases for tag in (release.tag, *release.derived))
    listed = _ask(stage.nodes, "GET", f"/v2/{target}/tags/list")["tags"]
    if sorted(listed) != wanted:
        stage.broken.append(f"{target} has the tags {listed}")
    for release in stage.releases:
        history = _ask(stage.nodes, "GET", f"/api/v1/repositories/{target}/-/tags/{release.tag}/history")["items"]
        if len(history) != 1:
            stage.broken.append(f"{target}:{release.tag} was set {len(history)} times")


def _ask(nodes: Sequence[Node], method: str, path: str, body: Any = None) -> Any:
    """Ask whichever node is there."""
    content = None if body is None else json.dumps(body).encode()
    ends_at, said, turn = time.monotonic() + DONE_SECONDS, "nothing", 0
    while time.monotonic() < ends_at:
        turn += 1
        with suppress(OSError, HTTPException), closing(nodes[turn % len(nodes)].wire()) as wire:
            answer = wire.ask(method, path, content, content_type="application/json")
            if answer.status < 300:
                return answer.json
            said = f"{answer.status}: {answer.body[:300]!r}"
        time.sleep(0.1)
    raise AssertionError(f"{method} {path} is answered with {said}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
