# SPDX-License-Identifier: Apache-2.0
"""Clients that know what they have to be answered: they pull, move tags, delete, and have garbage collected."""

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.crash.client import Answer
from tests.crash.client import Client
from tests.crash.client import OutOfTimeError
from tests.crash.client import UnexpectedAnswerError
from tests.crash.client import require
from tests.crash.pushes import Push
from tests.interop.commands import StepError
from tests.scale.nodes import Cluster

PUSHERS, MOVERS, DELETERS, PULLERS = 3, 2, 1, 2
COLLECT_SECONDS = 5.0
PULLED = "schedule/pulled"
STALE = "warning"
"""The header of an answer that says that it may be."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What all clients share: how one is made, when they are to end, and the seed of everything random."""

    client: Callable[[], Client]
    nodes: Cluster
    ending: threading.Event
    seed: int

    def start(self) -> list[threading.Thread]:
        """Let all of them begin."""
        numbers = itertools.count()
        work = [partial(self._push, numbers)] * PUSHERS
        work += [partial(self._move, number) for number in range(MOVERS)]
        work += [partial(self._delete, number) for number in range(DELETERS)]
        work += [partial(self._pull, number) for number in range(PULLERS)]
        threads = [threading.Thread(target=self._be, args=(each,)) for each in work]
        threads.append(threading.Thread(target=self._collect))
        for thread in threads:
            thread.start()
        return threads

    def prepare(self) -> BuiltManifest:
        """Push what is pulled all the time, and pull it from every node."""
        client, image = self.client(), image_of(b"what is pulled all the time")
        push(client, PULLED, image, b"what is pulled all the time", "latest")
        for _ in range(4 * len(self.nodes.nodes)):
            require(client.once("GET", f"/v2/{PULLED}/manifests/latest"), (200,), "a first pull")
        client.close()
        return image

    def _be(self, work: Callable[[Client], None]) -> None:
        client = self.client()
        try:
            work(client)
        except (UnexpectedAnswerError, OutOfTimeError, StepError) as error:
            client.ledger.violation(f"{type(error).__name__}: {error}")
        finally:
            client.close()

    def _push(self, numbers: "itertools.count[int]", client: Client) -> None:
        """Push images in every form, tags that others move too, indexes and referrers; all of it is audited."""
        while not self.ending.is_set():
            try:
                Push(client, self.seed, next(numbers)).run()
            except UnexpectedAnswerError as error:
                client.ledger.violation(f"UnexpectedAnswerError: {error}")
            client.ledger.count("pushes")

    def _move(self, number: int, client: Client) -> None:
        """Move a tag and pull it at once: what was acknowledged is what is pulled, by whichever node."""
        repository = f"schedule/moved{number}"
        layer = b"what is in all of them"
        push(client, repository, image_of(layer), layer, "latest")
        for turn in itertools.count(1):
            if self.ending.is_set():
                return
            image = image_of(layer, turn)
            put(client, repository, image, "latest")
            pulled = client.until_answered("GET", f"/v2/{repository}/manifests/latest")
            client.ledger.count("tags pulled as soon as they moved")
            if pulled.body != image.payload and STALE not in pulled.headers:
                client.ledger.violation(f"{repository}:latest is not what was pushed a moment ago: {pulled}")

    def _delete(self, number: int, client: Client) -> None:
        """Push, delete, and find it gone; free it at once, and find its layer gone too."""
        repository = f"schedule/deleted{number}"
        for turn in itertools.count():
            if self.ending.is_set():
                return
            layer = b"layer %d of %d" % (turn, number)
            image = image_of(layer, turn)
            push(client, repository, image, layer, "doomed")
            manifest = f"/v2/{repository}/manifests/{image.digest}"
            require(client.until_answered("DELETE", manifest), (202, 404), f"DELETE {manifest}")
            self._is_gone(client, manifest)
            self._is_gone(client, f"/v2/{repository}/manifests/doomed")
            freed = f"/api/v1/repositories/{repository}/-/artifacts/{image.digest}:free-now"
            answer = client.until_answered("POST", freed, b"{}", {"Content-Type": "application/json"})
            require(answer, (200, 404), f"POST {freed}")  # 404: freed by a request whose answer was lost
            self._is_gone(client, f"/v2/{repository}/blobs/{digest_of(layer)}")

    def _is_gone(self, client: Client, path: str) -> None:
        answer = client.until_answered("GET", path)
        client.ledger.count("pulls of what was deleted")
        if answer.status != 404 and STALE not in answer.headers:
            client.ledger.violation(f"{path} was deleted and is answered with {answer.status}")

    def _pull(self, number: int, client: Client) -> None:
        """Pull the same all the time, the manifest or the layer."""
        content = b"what is pulled all the time"
        paths = (f"/v2/{PULLED}/manifests/latest", f"/v2/{PULLED}/blobs/{digest_of(content)}")
        expected = (image_of(content).payload, content)[number % 2]
        while not self.ending.is_set():
            answer = client.until_answered("GET", paths[number % 2])
            if (answer.status, answer.body) != (200, expected):
                client.ledger.violation(f"{paths[number % 2]} is answered with {answer.status}: {answer.body[:200]!r}")

    def _collect(self) -> None:
        """Have everything done that is done at its times, by whichever node."""
        while not self.ending.wait(COLLECT_SECONDS):
            with suppress(StepError):  # the database may be away
                self.nodes.make_everything_due()


def image_of(layer: bytes, number: int = 0) -> BuiltManifest:
    """Return an image with a layer."""
    return an_image_manifest(layers=[a_descriptor(layer)], annotations={"number": str(number)})


def push(client: Client, repository: str, image: BuiltManifest, layer: bytes, tag: str) -> None:
    """Push an image with its blobs, until it is acknowledged."""
    for blob in (A_CONFIG, layer):
        target = f"/v2/{repository}/blobs/uploads/?digest={digest_of(blob)}"
        require(client.until_answered("POST", target, blob), (201,), f"POST {target}")
    put(client, repository, image, tag)


def put(client: Client, repository: str, image: BuiltManifest, tag: str) -> Answer:
    """Push a manifest, until it is acknowledged."""
    target = f"/v2/{repository}/manifests/{tag}"
    answer = client.until_answered("PUT", target, image.payload, {"Content-Type": image.media_type})
    return require(answer, (201,), f"PUT {target}")
