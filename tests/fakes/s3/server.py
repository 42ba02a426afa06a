# SPDX-License-Identifier: Apache-2.0
"""An S3 that keeps everything in memory, and verifies every signature by itself."""

import hashlib
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from tests.fakes.s3 import listing
from tests.fakes.s3 import multipart
from tests.fakes.s3 import objects
from tests.fakes.s3.accounts import Accounts
from tests.fakes.s3.accounts import Sts
from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import Body
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.calls import Call
from tests.fakes.s3.objects import Asked
from tests.fakes.s3.serving import ServedS3
from tests.fakes.s3.signatures import UNSIGNED
from tests.fakes.s3.signatures import Signatures
from tests.fakes.s3.storing import Bucket
from tests.fakes.s3.storing import Kept
from tests.fakes.s3.storing import Restoring
from tests.fakes.s3.storing import Upload
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import Traits

REGION = "eu-test-1"
BUCKET = "registry"
MOST_AT_ONCE = 5 * 1024 * 1024 * 1024
LONGEST_KEY = 1_024

OPERATIONS: dict[str, Callable[[Asked], Answer]] = {
    "PutObject": objects.put_object,
    "GetObject": objects.get_object,
    "HeadObject": objects.head_object,
    "DeleteObject": objects.delete_object,
    "DeleteObjects": objects.delete_objects,
    "RestoreObject": objects.restore_object,
    "CreateMultipartUpload": multipart.create,
    "UploadPart": multipart.upload_part,
    "CompleteMultipartUpload": multipart.complete,
    "AbortMultipartUpload": multipart.abort,
    "ListParts": multipart.list_parts,
    "ListObjectsV2": listing.list_objects,
    "ListMultipartUploads": listing.list_uploads,
    "HeadBucket": objects.head_bucket,
}


class S3Server(ServedS3):
    """One of a kind, in a region, with one bucket: `with S3Server().running() as s3: ... s3.url`.

    `accounts` knows `OWNER` from the start. `sts` answers at the same URL. `clock` tells
    the seconds that everything here goes by; a test may set another.
    """

    def __init__(self, traits: Traits = SMALL_PARTS, *, region: str = REGION) -> None:
        super().__init__()
        self.traits = traits
        self.region = region
        self.clock: Callable[[], float] = time.time
        self.buckets = {BUCKET: Bucket()}
        self.accounts = Accounts(self._now)
        self.sts = Sts(self.accounts)
        self._signatures = Signatures(self.accounts, region, self._now)

    @property
    def objects(self) -> Mapping[str, Kept]:
        """What the first bucket keeps, by key."""
        return dict(self.buckets[BUCKET].objects)

    @property
    def uploads(self) -> Mapping[str, Upload]:
        """The uploads of the first bucket that are not complete, by their ids."""
        return dict(self.buckets[BUCKET].uploads)

    def archive(self, key: str, storage_class: str = "GLACIER") -> None:
        """Move an object to another storage class, as a rule of the bucket does after some days."""
        kept = self.buckets[BUCKET].objects[key]
        self.buckets[BUCKET].objects[key] = replace(kept, storage_class=storage_class, restoring=Restoring.NOT_ASKED)

    def finish_restores(self) -> None:
        """Let every object be readable that was asked for, as some hours later."""
        kept = self.buckets[BUCKET].objects
        ongoing = [each for each in kept.values() if each.restoring is Restoring.ONGOING]
        kept.update({each.key: replace(each, restoring=Restoring.DONE) for each in ongoing})

    async def reply(self, call: Call, body: Body) -> Answer:
        """Do what is asked, if who asks may."""
        if call.operation == "AssumeRoleWithWebIdentity":
            return self.sts.reply(call.parameters | dict(parse_qsl((await body.read()).decode())))
        payload = self.authorised(call)
        name, key = call.names
        if call.operation in self.traits.denied:
            raise S3Error("AccessDenied", call.operation)
        if call.operation in self.traits.missing or call.operation not in (*OPERATIONS, "CreateBucket"):
            raise S3Error("NotImplemented", f"{call.method} {call.path}?{call.query}")
        if len(key.encode()) > LONGEST_KEY:
            raise S3Error("KeyTooLongError", f"{len(key.encode())} bytes")
        came = await _whole(call, body, payload)
        if call.operation == "CreateBucket":
            return self._create_bucket(name)
        if name not in self.buckets:
            raise S3Error("NoSuchBucket", name)
        asked = Asked(self.buckets[name], name, key, call.parameters, call.headers, came, self.traits, self.clock())
        return OPERATIONS[call.operation](asked)

    def authorised(self, call: Call) -> str:
        """Return the hash of the body that was signed, or that none was. Raises `S3Error` for who may not ask."""
        return self._signatures.verify(call)

    def _create_bucket(self, name: str) -> Answer:
        if name in self.buckets:
            raise S3Error("BucketAlreadyOwnedByYou", name)
        self.buckets[name] = Bucket()
        return answer()

    def _now(self) -> float:
        return self.clock()


async def _whole(call: Call, body: Body, payload: str) -> bytes:
    """Return what came, once all of it has, with the hash that was signed. Raises `S3Error`."""
    if call.method == "PUT" and body.announced is None:
        raise S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.")
    if (body.announced or 0) > MOST_AT_ONCE:
        raise S3Error("EntityTooLarge", f"{body.announced} bytes")
    came = await body.read()
    if body.announced is not None and len(came) != body.announced:
        raise S3Error("IncompleteBody", f"{len(came)} of {body.announced} bytes")
    if payload != UNSIGNED and hashlib.sha256(came).hexdigest() != payload:
        raise S3Error("XAmzContentSHA256Mismatch", "the body is not the one that was signed")
    return came
