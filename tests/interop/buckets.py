# SPDX-License-Identifier: Apache-2.0
"""A real S3 with Object Lock (SeaweedFS) takes what is delivered, gives it back, and lets nobody remove it."""

import asyncio
import json
import os
import secrets
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrepot.features.audit.anchors import anchors_at
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import Lock
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.commands import scratch_folder
from tests.interop.programs import build_python
from tests.interop.report import Report
from tests.interop.tools import Pins
from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

KEY_ID, REGION, BUCKET = "entrepot", "us-east-1", "audit"
VARIABLE = "INTEROP_BUCKET_SECRET"
TOKENS = tuple(".".join([f"{number:032d}"] * 3) for number in range(3))


@dataclass(frozen=True, slots=True)
class S3:
    """A server that runs."""

    url: str
    secret: str

    def ask(self, method: str, path: str, query: Query = (), headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed request of its administrator."""
        return asyncio.run(self._ask(method, path, query, headers or {}))

    async def _ask(self, method: str, path: str, query: Query, headers: Mapping[str, str]) -> Answer:
        request = Signable(method, path, query, {"host": self.url.partition("://")[2], **headers})
        sent = {**headers, **signed(request, Credentials(KEY_ID, self.secret, REGION), system_clock())}
        target = f"{encoded_path(path)}{f'?{encoded_query(query)}' if query else ''}"
        async with Outbound(OutgoingSettings()).to(trusted(self.url)) as peer:
            return await peer.ask(method, target, b"", sent)


def exercise_buckets(pins: Pins, report: Report) -> None:
    """Deliver to a locked bucket, and try to take something away."""
    with (
        scratch_folder() as scratch,
        report.step("seaweedfs", "serves all steps"),
        _running(build_python("seaweedfs", pins.python["seaweedfs"]).with_name("weed"), scratch) as s3,
    ):
        made = s3.ask("PUT", f"/{BUCKET}", headers={"x-amz-bucket-object-lock-enabled": "true"})
        expect(made.is_success, f"making a bucket answers {made.status}")
        _deliver(s3, report)


def _deliver(s3: S3, report: Report) -> None:
    os.environ[VARIABLE] = s3.secret
    settings = DeliverySettings(
        url=f"s3://{BUCKET}/registry",
        endpoint=s3.url,
        login=KEY_ID,
        region=REGION,
        secret_variable=VARIABLE,
        lock=Lock.COMPLIANCE,
        retain_days=1,
    )
    with report.step("seaweedfs", "takes locked checkpoints, one of them twice"):
        asyncio.run(_send(settings))
    with report.step("seaweedfs", "gives all of them back"):
        found = asyncio.run(anchors_at(settings, Destinations(Outbound(OutgoingSettings()), system_clock)))
        expect(found == list(TOKENS), f"{found} came back")
    with report.step("seaweedfs", "removes no version before its time"):
        listed = s3.ask("GET", f"/{BUCKET}", (("prefix", "registry/"), ("versions", "")))
        key, version = (_between(listed.body.decode(), name) for name in ("Key", "VersionId"))
        refused = s3.ask("DELETE", f"/{BUCKET}/{key}", (("versionId", version),))
        expect(refused.status == 403, f"removing a locked version answers {refused.status}")
    with report.step("seaweedfs", "a deletion that hides an object hides no checkpoint"):
        hidden = s3.ask("DELETE", f"/{BUCKET}/{key}")
        expect(hidden.is_success, f"hiding an object answers {hidden.status}")
        found = asyncio.run(anchors_at(settings, Destinations(Outbound(OutgoingSettings()), system_clock)))
        expect(found == list(TOKENS), f"{found} came back")
    with report.step("seaweedfs", "refuses a signature with another secret"):
        os.environ[VARIABLE] = "another"
        try:
            asyncio.run(_send(settings))
        except NotDelivered as error:
            expect("SignatureDoesNotMatch" in error.message, error.message)
        else:
            raise StepError("it was accepted")


async def _send(settings: DeliverySettings) -> None:
    bucket = Destinations(Outbound(OutgoingSettings()), system_clock).bucket(settings)
    try:
        for number in (0, 1, 1, 2):
            text = json.dumps({"seq": number, "token": TOKENS[number]})
            await bucket.send([Line(number, Milliseconds(0), "audit.checkpoint", False, text, TOKENS[number])])
    finally:
        await bucket.close()


@contextmanager
def _running(weed: Path, scratch: Path) -> Iterator[S3]:
    secret = secrets.token_urlsafe(16)
    rights = {
        "credentials": [{"accessKey": KEY_ID, "secretKey": secret}],
        "actions": ["Admin", "Read", "List", "Write"],
    }
    (scratch / "s3.json").write_text(json.dumps({"identities": [{"name": "entrepot", **rights}]}))
    (scratch / "weed").mkdir()
    port, log = free_port(), scratch / "weed.log"
    options = {
        "dir": scratch / "weed",
        "ip": HOST,
        "ip.bind": HOST,
        "s3.port": port,
        "s3.config": scratch / "s3.json",
        "volume.max": 20,
        "master.volumeSizeLimitMB": 64,
        **{f"{part}.{kind}": free_port() for part in ("master", "volume", "filer") for kind in ("port", "port.grpc")},
        "s3.port.grpc": free_port(),
    }
    command = [str(weed), "server", "-filer", "-s3", *(f"-{name}={value}" for name, value in options.items())]
    process = launch(command, log)
    with stopping(process, log):
        s3 = S3(f"http://{HOST}:{port}", secret)
        wait_until(lambda: answers(s3.url) and s3.ask("GET", "/").is_success, "S3 to answer", process, log)
        yield s3


def _between(text: str, name: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
