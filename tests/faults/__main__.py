# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.faults`: status 1 unless every fault was survived as promised."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrepot.oci.digest import digest_of
from tests.builders.manifests import an_index
from tests.chaos.slow_client import NAME
from tests.chaos.slow_client import SlowClient
from tests.faults.place import FAKETIME
from tests.faults.place import OnClock
from tests.faults.place import expect_patience
from tests.faults.place import expect_whole
from tests.faults.place import finish
from tests.faults.place import on_clock
from tests.faults.place import on_disk
from tests.interop.commands import expect
from tests.interop.report import Report
from tests.interop.tools import install_packages

PUSHED = b"pushed before" * 50_000
CONTENT = b"half before and half behind" * 100_000
COLLECTION_SECONDS = 180.0
HALF = len(CONTENT) // 2
RIGHT, DAY_AHEAD, LONG_AGO = "+0", "+1d", "@1970-01-02 00:00:00"


def main() -> int:
    """Run everything, print what came of it, and return the exit status."""
    report = Report()
    with report.step("disk", "full: pulls go on, pushes wait, nothing is lost"):
        _full_disk()
    with report.step("disk", "read-only: pulls go on, pushes wait, nothing is lost"):
        _read_only_disk()
    with report.step("debian packages", "install"):
        install_packages({"libfaketime": FAKETIME})
    for name, wrong in (("1970", LONG_AGO), ("a day ahead", DAY_AHEAD)):
        with report.step("clock", f"{name} from the first start, then right"):
            _change_of_clock(wrong, RIGHT)
        with report.step("clock", f"right, then {name}"):
            _change_of_clock(RIGHT, wrong)
        with report.step("clock", f"{name} until the server is started again"):
            _restart(wrong)
    print(report.conclude())
    return 1 if report.failures else 0


def _full_disk() -> None:
    with on_disk("", 64) as place:
        client = place.client
        client.push(PUSHED)
        location = client.start()
        client.append(location, CONTENT[:HALF])
        place.fill()
        expect_patience(client.ask("PATCH", location, iter([CONTENT[HALF:]])))
        expect_patience(client.ask("POST", f"/v2/{NAME}/blobs/uploads/?digest={digest_of(CONTENT)}", iter([CONTENT])))
        expect_whole(client, PUSHED)
        expect(client.ask("GET", "/healthz")[0] == 200, "/healthz does not answer 200")
        place.empty()
        finish(client, location, CONTENT, HALF)
        expect_whole(client, PUSHED)


def _read_only_disk() -> None:
    with on_disk("blobs", 64) as place:
        client = place.client
        client.push(PUSHED)
        location = client.start()
        client.append(location, CONTENT[:HALF])
        place.remount("ro")
        expect_patience(client.ask("PATCH", location, iter([CONTENT[HALF:]])))
        expect_patience(client.ask("POST", f"/v2/{NAME}/blobs/uploads/?digest={digest_of(CONTENT)}", iter([CONTENT])))
        expect_whole(client, PUSHED)
        place.remount("rw")
        finish(client, location, CONTENT, HALF)


def _change_of_clock(before: str, behind: str) -> None:
    """Push on one clock, go on on another, and look at everything."""
    with _data() as data, on_clock(before, data) as place:
        location = _push_and_begin(place.client)
        tag = _tag(place.client, "one")
        place.set(behind)
        _collect(place.client)
        _look(place, tag)
        finish(place.client, location, CONTENT, HALF)
        moved = _tag(place.client, "two")
        place.set(before)
        _collect(place.client)
        _look(place, moved)


def _restart(wrong: str) -> None:
    """Push on a wrong clock, and start again on the right one."""
    with _data() as data:
        with on_clock(wrong, data) as place:
            location = _push_and_begin(place.client)
            tag = _tag(place.client, "one")
        with on_clock(RIGHT, data) as place:
            _collect(place.client)
            _look(place, tag)
            finish(place.client, location, CONTENT, HALF)


@contextmanager
def _data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="entrepot-faults-") as scratch:
        yield Path(scratch) / "data"


def _push_and_begin(client: SlowClient) -> str:
    """Push a blob, and half of another; return the address of its upload."""
    expect(client.push(PUSHED) == 201, "the push was not accepted")
    location = client.start()
    client.append(location, CONTENT[:HALF])
    return location


def _tag(client: SlowClient, which: str) -> str:
    """Move the tag `v1` to a new index; return its digest."""
    built = an_index(annotations={"which": which})
    status, _, body = client.ask(
        "PUT", f"/v2/{NAME}/manifests/v1", iter([built.payload]), {"content-type": built.media_type}
    )
    expect(status == 201, f"the manifest is answered with {status}: {body.decode()}")
    return built.digest


def _collect(client: SlowClient) -> None:
    """Have garbage collected, by a clock that says that leases and uploads ended long ago, and wait for it."""
    body = json.dumps({"task": "garbage.collect"}).encode()
    status, _, answer = client.ask("POST", "/api/v1/garbage/runs", iter([body]), {"content-type": "application/json"})
    expect(status == 202, f"collection is answered with {status}: {answer.decode()}")
    address = f"/api/v1/jobs/{json.loads(answer)['job']}"
    deadline = time.monotonic() + COLLECTION_SECONDS
    while (state := json.loads(client.ask("GET", address)[2])["state"]) != "succeeded":
        expect(state in ("queued", "running"), f"collection has {state}")
        expect(time.monotonic() < deadline, f"collection is {state} after {COLLECTION_SECONDS} s")
        time.sleep(0.1)


def _look(place: OnClock, digest: str) -> None:
    """Pull by tag and by digest, with a password and with a new token."""
    client = place.client
    status, headers, _ = client.ask("GET", f"/v2/{NAME}/manifests/v1")
    expect(status == 200, f"the tag is answered with {status}")
    expect(headers["docker-content-digest"] == digest, "the tag does not point at what was pushed last")
    expect_whole(client, PUSHED)
    status, _, body = client.ask("GET", f"/auth/token?service=entrepot&scope=repository:{NAME}:pull")
    expect(status == 200, f"the token service answers {status}: {body.decode()}")
    bearer = {"authorization": f"Bearer {json.loads(body)['token']}"}
    status, _, body = client.ask("GET", f"/v2/{NAME}/manifests/v1", headers=bearer)
    expect(status == 200, f"a new token is answered with {status}: {body.decode()}")


if __name__ == "__main__":
    sys.exit(main())
