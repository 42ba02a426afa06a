# SPDX-License-Identifier: Apache-2.0
"""What each operation of the matrix asks of a client, and what has to be true afterwards.

What a client says is not taken for proof: the registry is asked without it, and the wire tells what went over it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from tests.interop import verbs
from tests.interop.chart import NAME
from tests.interop.chart import VERSION
from tests.interop.chart import package_chart
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.images import LARGE_MEBIBYTES
from tests.interop.images import MEBIBYTE
from tests.interop.registry import children_of
from tests.interop.registry import config_of
from tests.interop.registry import freeze
from tests.interop.registry import has
from tests.interop.registry import referrers_of
from tests.interop.target import Bench
from tests.interop.verbs import Operation
from tests.interop.wire import Wire

SEED = "interop/seed"
"""Where the prepared images are before any client begins."""

FROZEN, FROZEN_BECAUSE = "frozen", "The storage is moved until 14:00 UTC"
"""A project in which nothing can be pushed, and why."""

RETRANSMITTED = 1.2
"""How many bytes a resumed transfer may take, as a share of the layer: starting over would take more."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One client's turn: its bench, whose target is this end of the wire, the wire, and a word for its repositories."""

    bench: Bench
    wire: Wire
    word: str
    seeder: Skopeo

    def repository(self, purpose: str) -> str:
        """Return a repository that is this client's alone."""
        return f"interop/{self.word}-{purpose}"

    def name(self, repository: str, reference: str = "") -> str:
        """Return the name of an image as clients take it."""
        return self.bench.target.name(repository, reference)

    def seeded(self, image: str, purpose: str) -> str:
        """Bring a prepared image into a repository of this client's, past the wire, and return the repository."""
        repository = self.repository(purpose)
        self.seeder.put(image, self.seeder.bench.target.name(repository, f":{image}"))
        return repository

    def config(self, image: str) -> str:
        """Return the digest of a prepared image's configuration."""
        return self.bench.images.config(image)


def login(client: verbs.LogsIn, trial: Trial) -> None:
    """Log in; whatever comes after relies on it."""
    client.login(trial.bench.target.password)


def push(client: verbs.Pushes, trial: Trial) -> None:
    """Push a whole Debian system: the registry has all of what the client says it sent."""
    repository = trial.repository("pushed")
    sent = client.push("debian", trial.name(repository, ":debian"))
    arrived = config_of(trial.bench.target, repository, "debian")
    expect(sent == arrived, f"the client sent {sent}, the registry has {arrived}")


def pull(client: verbs.Pulls, trial: Trial) -> None:
    """Pull a whole Debian system into an empty place: the same image, and its blobs came over the wire."""
    client.forget()
    trial.wire.forget()
    came, wanted = client.pull(trial.name(SEED, ":debian")), trial.config("debian")
    expect(came == wanted, f"the registry has {wanted}, the client {came}")
    expect(any(request.reads_blob for request in trial.wire.requests), "no blob was fetched")


def multi_arch_copy(client: verbs.Copies, trial: Trial) -> None:
    """Copy an index of two platforms: the same images, in the same order, all there."""
    repository = trial.repository("copied")
    client.copy(trial.name(SEED, ":multi"), trial.name(repository, ":multi"))
    copied, wanted = (children_of(trial.bench.target, where, "multi") for where in (repository, SEED))
    expect(copied == wanted, f"the index names {copied}, not {wanted}")


def list_tags(client: verbs.Lists, trial: Trial) -> None:
    """List the tags: all of them, in the order of their bytes."""
    tags = client.tags(trial.name(SEED))
    expect(tags == ["artifact", "debian", "image", "large", "multi"], f"listed {tags}")


def delete(client: verbs.Deletes, trial: Trial) -> None:
    """Delete an image: the registry has it no more."""
    repository = trial.seeded("image", "doomed")
    client.delete(trial.name(repository, ":image"))
    expect(not has(trial.bench.target, repository, "image"), "it is still there")


def mount(client: verbs.Republishes, trial: Trial) -> None:
    """Bring an image into another repository: its layers are mounted, and none is sent."""
    repository = trial.repository("mounted")
    trial.wire.forget()
    client.republish(trial.name(SEED, ":image"), trial.name(repository, ":image"))
    config = config_of(trial.bench.target, repository, "image")
    mounts = [request for request in trial.wire.requests if request.mounts]
    closed = (urlsplit(request.path).query for request in trial.wire.requests if request.sends_blob)
    sent = {digest for query in closed for digest in parse_qs(query).get("digest", [])}
    expect(len(mounts) >= 3, f"{len(mounts)} mounts were asked for")
    expect(sent <= {config}, f"these were sent: {sent}")


def attach(client: verbs.Attaches, trial: Trial) -> None:
    """Attach a file to an image: the registry finds one artifact more by its subject."""
    repository, digest = trial.seeded("image", "subject"), trial.bench.digest("image")
    before = referrers_of(trial.bench.target, repository, digest)
    note = trial.bench.scratch / "note.json"
    note.write_text(json.dumps({"verdict": "good"}))
    client.attach(trial.name(repository, ":image"), note)
    more = referrers_of(trial.bench.target, repository, digest) - before
    expect(len(more) == 1, f"{len(more)} more artifacts have the image as their subject")


def discover(client: verbs.Discovers, trial: Trial) -> None:
    """Find an artifact that somebody else attached."""
    repository = trial.seeded("image", "discovered")
    trial.seeded("artifact", "discovered")
    said = client.discover(trial.name(repository, ":image"))
    expect(trial.bench.digest("artifact") in said, f"it is not named:\n{said}")


def sign_and_verify(client: verbs.Signs, trial: Trial) -> None:
    """Sign an image: it verifies afterwards, not before, and another image does not."""
    repository, name = trial.seeded("image", "signed"), f"@{trial.bench.digest('image')}"
    failure_of(lambda: client.verify(trial.name(repository, name)))
    client.sign(trial.name(repository, name))
    client.verify(trial.name(repository, name))
    other = trial.seeded("large", "signed"), f"@{trial.bench.digest('large')}"
    failure_of(lambda: client.verify(trial.name(*other)))


def chart(client: verbs.HandlesCharts, trial: Trial) -> None:
    """Push a chart and pull it: the same bytes."""
    packaged, folder = package_chart(trial.bench.scratch), trial.name(trial.repository("charts"))
    into = trial.bench.scratch / "pulled-charts"
    into.mkdir()
    client.push_chart(packaged, folder)
    pulled = client.pull_chart(f"{folder}/{NAME}", VERSION, into)
    expect(pulled.read_bytes() == packaged.read_bytes(), "other bytes came back")


def resume(client: verbs.Resumes, trial: Trial) -> None:
    """Cut the wire in the middle of a large layer: the client goes on where it was, and ends with the right image."""
    size = LARGE_MEBIBYTES * MEBIBYTE
    client.forget()
    trial.wire.cut_after(size // 3)
    came, wanted = client.resume(trial.name(SEED, ":large")), trial.config("large")
    expect(trial.wire.was_cut, "the wire was not cut")
    expect(came == wanted, f"the registry has {wanted}, the client {came}")
    starts = [request.start for request in trial.wire.requests if request.reads_blob]
    expect(any(starts), f"every request for a blob began at its first byte: {starts}")
    carried = trial.wire.carried
    expect(carried < RETRANSMITTED * size, f"{carried} bytes went over the wire for a layer of {size}")


def second_pull(client: verbs.Keeps, trial: Trial) -> None:
    """Pull an image that is there: no layer is fetched, and at most the little configuration."""
    name = trial.name(SEED, ":debian")
    client.forget()
    client.pull(name)
    trial.wire.forget()
    came, wanted = client.pull_again(name), trial.config("debian")
    fetched = {request.path for request in trial.wire.requests if request.reads_blob and wanted not in request.path}
    expect(came == wanted, f"the registry has {wanted}, the client {came}")
    expect(bool(trial.wire.requests), "the registry was not asked at all")
    expect(not fetched, f"layers were fetched again: {fetched}")


def refusal(client: verbs.Pushes, trial: Trial) -> None:
    """Push into a project that is read-only: the client prints the reason that was given."""
    freeze(trial.seeder.bench.target, FROZEN, FROZEN_BECAUSE)
    said = failure_of(lambda: client.push("image", trial.name(f"{FROZEN}/{trial.word}", ":image")))
    expect(FROZEN_BECAUSE in said, f"the client printed something else:\n{said}")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a client must have to be tried, and how it is tried."""

    takes: type
    run: Callable[[Any, Trial], None]


SCENARIOS: dict[Operation, Scenario] = {
    Operation.LOGIN: Scenario(verbs.LogsIn, login),
    Operation.PUSH: Scenario(verbs.Pushes, push),
    Operation.PULL: Scenario(verbs.Pulls, pull),
    Operation.MULTI_ARCH_COPY: Scenario(verbs.Copies, multi_arch_copy),
    Operation.LIST: Scenario(verbs.Lists, list_tags),
    Operation.DELETE: Scenario(verbs.Deletes, delete),
    Operation.MOUNT: Scenario(verbs.Republishes, mount),
    Operation.ATTACH: Scenario(verbs.Attaches, attach),
    Operation.DISCOVER: Scenario(verbs.Discovers, discover),
    Operation.SIGN_AND_VERIFY: Scenario(verbs.Signs, sign_and_verify),
    Operation.CHART: Scenario(verbs.HandlesCharts, chart),
    Operation.RESUME: Scenario(verbs.Resumes, resume),
    Operation.SECOND_PULL: Scenario(verbs.Keeps, second_pull),
    Operation.REFUSAL: Scenario(verbs.Pushes, refusal),
}


def seed(seeder: Skopeo) -> None:
    """Bring every prepared image that clients start from into the registry."""
    seeder.login(seeder.bench.target.password)
    for image in ("artifact", "debian", "image", "large", "multi"):
        seeder.put(image, seeder.bench.target.name(SEED, f":{image}"))
