# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale.delivery [--seconds N] [--on postgresql|sqlite] [--seed N]`: status 1 if a promise broke.

Three nodes on one PostgreSQL, or one on SQLite, are pushed to all the time and deliver what happens to receivers: one
that is always well, two that are slow, hang up and fail by turns, and some that are dead. Nodes are killed with SIGKILL
in the middle of deliveries, again and again, and started anew.

In the end everything that was acknowledged has arrived at each living receiver, signed, under ids that stay the same
however often something was sent, first attempts in order within a repository. And beside the dead ones, of which there
are more deliveries waiting than may be tried, others are told hardly later than without them.
"""

import argparse
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.features.webhooks.deliverer import Capacity
from tests.scale.delivery.judging import delays
from tests.scale.delivery.judging import missing
from tests.scale.delivery.judging import repeats
from tests.scale.delivery.judging import violations
from tests.scale.delivery.killing import Killer
from tests.scale.delivery.pushing import PROJECT
from tests.scale.delivery.pushing import Pusher
from tests.scale.delivery.pushing import pushers
from tests.scale.delivery.receiving import MoodyReceiver
from tests.scale.delivery.receiving import dead_end
from tests.scale.nodes import Node
from tests.scale.nodes import alone
from tests.scale.nodes import started
from tests.scale.storages import in_folder
from tests.server import HOST

PLACES = ("postgresql", "sqlite")
DEAD = 3
SETTINGS = {"ENTREPOT_OUTGOING__ALLOW": json.dumps([f"{HOST}/32"])}
MEASURED_PUSHES = 12
SLOWED_SECONDS = 3.0
"""By so much at most dead receivers beside it may put off what another one is told, of nine in ten.

It is a fifth of what an attempt at a dead one takes, and more than a machine that has much else to do varies by."""
ARRIVED_SECONDS = Capacity().lease_ms / 1000 + 45
"""How long after the last kill the rest may take: a lease, the pauses before something is tried again, and a start."""


@dataclass(slots=True)
class Stage:
    """The nodes, the receivers that live, and where the dead ones would be."""

    nodes: Sequence[Node]
    receivers: list[MoodyReceiver]
    dead: list[str]
    dice: random.Random

    @property
    def steady(self) -> MoodyReceiver:
        """The one that is always well."""
        return self.receivers[0]


def main(arguments: list[str]) -> int:
    """Do it, print what came of it, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale.delivery", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="kill for at least so long")
    parser.add_argument("--on", choices=PLACES, default=PLACES[0], help="three nodes on the one, one on the other")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="entrepot-delivery-") as folder, ExitStack() as stack:
        nodes = stack.enter_context(_nodes(given.on, Path(folder)))
        receivers = [MoodyReceiver("steady", is_moody=False)]
        receivers += [MoodyReceiver(f"moody{number}", is_moody=True) for number in range(2)]
        for receiver in receivers:
            stack.enter_context(receiver.running())
        dead = [stack.enter_context(dead_end()) for _ in range(DEAD)]
        broken = _play(Stage(nodes, receivers, dead, random.Random(given.seed)), given.seconds)
    for each in broken:
        print(f"BROKEN: {each}")
    print("a promise was broken" if broken else "everything arrived, in order, as it was")
    return 1 if broken else 0


@contextmanager
def _nodes(where: str, folder: Path) -> Iterator[Sequence[Node]]:
    if where == "sqlite":
        with alone(folder, SETTINGS) as node:
            yield [node]
    else:
        with started(folder, storing=in_folder, settings=SETTINGS) as alike:
            yield alike.nodes


def _play(stage: Stage, seconds: float) -> list[str]:
    """Measure without the dead and beside them, kill, wait for the rest, and return what was not as it should be."""
    _ask(stage.nodes[0], "/api/v1/projects", {"name": PROJECT})
    for receiver in stage.receivers:
        receiver.secret = _hook(stage.nodes[0], receiver.name, receiver.url)["secret"]
    calm = _measured(stage, "calm")
    for number, url in enumerate(stage.dead):
        _hook(stage.nodes[0], f"dead{number}", url)
    backlog, beside = _measured(stage, "backlog"), _measured(stage, "beside")
    pushed, killer = _push_under_kills(stage, seconds)
    everybody = [*pushed, calm, backlog, beside]
    waited = _wait_for_the_rest(stage, everybody)
    before, after = (_slowest_tenth(delays(stage.steady, [each])) for each in (calm, beside))
    told = sum(len(each.acknowledged) for each in everybody)
    again = {each.name: repeats(each) for each in stage.receivers}
    print(f"{killer.kills} kills; {told} pushes acknowledged; the rest arrived {waited:.0f} s after the last kill")
    print(f"taken and sent again: {again}; nine in ten told within {before:.2f} s, beside the dead {after:.2f} s")
    broken = [*killer.failures, *(failure for each in everybody for failure in each.failures)]
    broken += [each for receiver in stage.receivers for each in violations(receiver, everybody)]
    if after > before + SLOWED_SECONDS:
        broken.append(f"dead receivers put others off by {after - before:.2f} s")
    if not killer.kills or not any(again.values()):
        broken.append("nothing was proven: no node was killed between a delivery and writing that down")
    return broken


def _push_under_kills(stage: Stage, seconds: float) -> tuple[list[Pusher], Killer]:
    """Push to all nodes while they are killed; return who pushed, and who killed."""
    pushed = pushers(stage.nodes, [f"app{number}" for number in range(4)], 0.3)
    killer = Killer(stage.nodes, stage.dice, lambda: any(each.in_hand for each in stage.receivers))
    for each in pushed:
        each.start()
    killer.start()
    try:
        time.sleep(seconds)
    finally:
        killer.finish()
        for each in pushed:
            each.finish()
    return pushed, killer


def _measured(stage: Stage, name: str) -> Pusher:
    """Push a few times to a new repository while everybody lives, and wait until the steady receiver has heard it."""
    [pusher] = pushers(stage.nodes, [name], 0)
    for number in range(1, MEASURED_PUSHES + 1):
        pusher.push(str(number), number)
        time.sleep(0.1)
    ends_at = time.monotonic() + ARRIVED_SECONDS
    while missing(stage.steady, [pusher]) and time.monotonic() < ends_at:
        time.sleep(0.05)
    return pusher


def _wait_for_the_rest(stage: Stage, pushed: Sequence[Pusher]) -> float:
    """Wait until everything has arrived, from receivers that are well now; return for how many seconds."""
    for receiver in stage.receivers:
        receiver.is_moody = False
    began = time.monotonic()
    while any(missing(each, pushed) for each in stage.receivers):
        if time.monotonic() > began + ARRIVED_SECONDS:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def _slowest_tenth(taken: Sequence[float]) -> float:
    return taken[int(len(taken) * 0.9)] if taken else float("inf")


def _hook(node: Node, name: str, url: str) -> Any:
    return _ask(node, "/api/v1/webhooks", {"name": name, "url": url, "project": PROJECT, "events": ["tag.*"]})


def _ask(node: Node, path: str, body: Any) -> Any:
    with closing(node.wire()) as wire:
        answer = wire.ask("POST", path, json.dumps(body).encode(), content_type="application/json")
    assert answer.status == 201, answer
    return answer.json


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
