# SPDX-License-Identifier: Apache-2.0
"""A real S3 with Object Lock (SeaweedFS) takes what is delivered, gives it back, and lets nobody remove it."""

import asyncio
import json
import os

from entrepot.features.audit.anchors import anchors_at
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import Lock
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.report import Report
from tests.scale.object_stores import KEY_ID
from tests.scale.object_stores import REGION
from tests.scale.object_stores import S3
from tests.scale.object_stores import seaweedfs

BUCKET = "audit"
VARIABLE = "INTEROP_BUCKET_SECRET"
TOKENS = tuple(".".join([f"{number:032d}"] * 3) for number in range(3))


def exercise_buckets(report: Report) -> None:
    """Deliver to a locked bucket, and try to take something away."""
    with report.step("seaweedfs", "serves all steps"), seaweedfs() as s3:
        s3.make_bucket(BUCKET, {"x-amz-bucket-object-lock-enabled": "true"})
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


def _between(text: str, name: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
