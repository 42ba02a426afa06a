# SPDX-License-Identifier: Apache-2.0
"""While the database is away: what was answered before is answered still, and says so; anything else waits."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.kernel.recent import Recent
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import current_facts
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import TagName
from entrepot.registry.last_answers import LastAnswers
from entrepot.registry.last_answers import Outage
from entrepot.registry.last_answers import read_or_recall
from tests.builders.asgi import Answer
from tests.builders.asgi import ask
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.fakes.cut_database import CutDatabase
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

IMAGE, OTHER = an_image_manifest(), an_image_manifest(annotations={"is": "another"})
MANIFEST, BLOB = f"/v2/{REPOSITORY}/manifests/1", f"/v2/{REPOSITORY}/blobs/{digest_of(A_LAYER)}"
GRACE_SECONDS = 300.0
STALE = '110 - "Response is Stale"'


class Stage:
    """A core whose database can be cut off, and the application on it."""

    def __init__(self, running: RunningCore, database: CutDatabase, capacity: int = 100) -> None:
        self.now = 0.0
        answers = LastAnswers(database, Outage(GRACE_SECONDS, lambda: self.now), capacity)
        self.running = RunningCore(replace(running.core, last_answers=answers), running.clock)
        self.database = database
        self.application = about_each_request(self.running.application())

    async def get(self, target: str, method: str = "GET") -> Answer:
        """Ask the registry."""
        return await ask(self.application, method, target)


def about_each_request(application: AsgiApplication) -> AsgiApplication:
    """Give each request facts of its own, as the server does."""

    async def observed(scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request (ASGI)."""
        current_facts.set(RequestFacts())
        await application(scope, receive, send)

    return observed


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A registry."""
    database = CutDatabase(tmp_path)
    with a_core(tmp_path, open_database=lambda _: database) as running:
        yield Stage(running, database)


async def test_pulls_go_on(stage: Stage) -> None:
    """By tag and digest, of manifests and blobs: the same bytes, with a warning, which ends with the outage."""
    await stage.running.put_image(IMAGE, "1")
    targets = (MANIFEST, f"/v2/{REPOSITORY}/manifests/{IMAGE.digest}", BLOB)
    before = [await stage.get(target) for target in targets]
    stage.database.is_away = True
    during = [await stage.get(target) for target in targets]
    stage.database.is_away = False
    afterwards = [await stage.get(target) for target in targets]

    assert [answer.body for answer in during] == [answer.body for answer in before]
    assert {answer.header("warning") for answer in during} == {STALE}
    assert {answer.header("warning") for answer in (*before, *afterwards)} == {None}


async def test_a_head_by_a_pusher_goes_on(stage: Stage) -> None:
    """It renews no lease then."""
    await stage.running.put_image(IMAGE, "1")
    await stage.get(BLOB, "HEAD")
    stage.running.clock.advance(30 * 24 * 3_600_000)
    stage.database.is_away = True

    assert (await stage.get(BLOB, "HEAD")).status == 200


@pytest.mark.parametrize("target", [MANIFEST, BLOB, f"/v2/{REPOSITORY}/manifests/nothing", "/v2/nobody/x/manifests/1"])
async def test_what_was_not_answered_before_waits(stage: Stage, target: str) -> None:
    """503 and when to ask again, whether it exists or not: never 404, never 500."""
    await stage.running.put_image(IMAGE, "1")
    stage.database.is_away = True
    answer = await stage.get(target)

    assert (answer.status, answer.json["errors"][0]["code"]) == (503, "UNAVAILABLE")
    assert int(answer.header("retry-after") or 0) > 0
    assert answer.header("warning") is None


async def test_former_answers_count_for_the_grace_only(stage: Stage) -> None:
    """It begins when the outage is noticed, and anew with the next outage."""
    await stage.running.put_image(IMAGE, "1")
    await stage.get(MANIFEST)
    stage.now, stage.database.is_away = 10_000.0, True
    statuses = []
    for passed in (0.0, GRACE_SECONDS - 1, GRACE_SECONDS):
        stage.now = 10_000.0 + passed
        statuses.append((await stage.get(MANIFEST)).status)
    stage.database.is_away = False
    statuses.append((await stage.get(MANIFEST)).status)
    stage.database.is_away = True

    assert statuses == [200, 200, 503, 200]
    assert (await stage.get(MANIFEST)).status == 200


@pytest.mark.parametrize("change", ["push", "tag", "manifest", "blob", "restore"])
async def test_what_this_process_changed_is_forgotten(stage: Stage, change: str) -> None:
    """A tag that it moved, or something that it deleted, is not served as it was."""
    running = stage.running
    await running.put_image(IMAGE, "1")
    await running.put_image(OTHER, "2")
    await running.put_blob(b"unused")
    target = f"/v2/{REPOSITORY}/blobs/{digest_of(b'unused')}" if change == "blob" else MANIFEST
    await stage.get(target)
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "push": lambda: running.put_manifest(OTHER, "1"),
        "tag": lambda: running.delete.tag(EVERYBODY, REPOSITORY, TagName("1")),
        "manifest": lambda: running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest),
        "blob": lambda: running.delete.blob(EVERYBODY, REPOSITORY, digest_of(b"unused")),
        "restore": lambda: running.undelete.restore_tag(EVERYBODY, REPOSITORY, TagName("1"), OTHER.digest),
    }
    await changes[change]()
    stage.database.is_away = True

    assert (await stage.get(target)).status == 503


async def test_what_is_gone_when_asked_again_is_forgotten(stage: Stage) -> None:
    """A 404 is the last answer then, and none that is given while the database is away."""
    await stage.running.put_image(IMAGE, "1")
    await stage.get(MANIFEST)
    other = Stage(stage.running, stage.database).running
    await other.delete.tag(EVERYBODY, REPOSITORY, TagName("1"))
    gone = await stage.get(MANIFEST)
    stage.database.is_away = True

    assert (gone.status, (await stage.get(MANIFEST)).status) == (404, 503)


async def test_answers_are_bounded(stage: Stage) -> None:
    """What was asked for longest ago makes room."""
    await stage.running.put_image(IMAGE, "1", "2", "3")
    small = Stage(stage.running, stage.database, capacity=2)
    targets = [f"/v2/{REPOSITORY}/manifests/{tag}" for tag in ("1", "2", "3")]
    for target in (targets[0], targets[1], targets[0], targets[2]):
        await small.get(target)
    stage.database.is_away = True

    assert [(await small.get(target)).status for target in targets] == [200, 503, 200]


async def test_uploads_outlive_an_outage(stage: Stage) -> None:
    """Each request is told to wait; then the upload goes on where it was."""
    digest = digest_of(b"first second")
    start = await ask(stage.application, "POST", f"/v2/{REPOSITORY}/blobs/uploads/")
    location = start.header("location") or ""
    await ask(stage.application, "PATCH", location, b"first ")
    stage.database.is_away = True
    refused = [
        await ask(stage.application, "PATCH", location, b"second"),
        await ask(stage.application, "PUT", f"{location}?digest={digest}", b"second"),
        await ask(stage.application, "POST", f"/v2/{REPOSITORY}/blobs/uploads/"),
    ]
    stage.database.is_away = False

    assert {(answer.status, answer.header("retry-after")) for answer in refused} == {(503, "5")}
    assert (await stage.get(location)).header("range") == "0-5"
    assert (await ask(stage.application, "PUT", f"{location}?digest={digest}", b"second")).status == 201


@pytest.mark.parametrize(("age_ms", "is_recalled"), [(0, True), (4_999, True), (5_000, False)])
async def test_decisions_are_recalled_for_the_grace(age_ms: int, is_recalled: bool) -> None:
    """What was decided less than the grace ago counts while nobody can be asked; before that, the answer waits."""
    clock = SettableClock()
    recent: Recent[str, str] = Recent(clock, 2_000, 10)
    recent.put("alice", "may")
    clock.advance(age_ms)

    async def away() -> str:
        """Be away."""
        raise DatabaseUnavailable

    if is_recalled:
        assert await read_or_recall(recent, "alice", away, 5_000) == "may"
    else:
        with pytest.raises(DatabaseUnavailable):
            await read_or_recall(recent, "alice", away, 5_000)
