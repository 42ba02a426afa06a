# SPDX-License-Identifier: Apache-2.0
"""What an S3 does with single objects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as Xml

from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.answers import element
from tests.fakes.s3.answers import xml
from tests.fakes.s3.storing import ARCHIVES
from tests.fakes.s3.storing import Bucket
from tests.fakes.s3.storing import Kept
from tests.fakes.s3.storing import Restoring
from tests.fakes.s3.storing import check_conditions
from tests.fakes.s3.storing import checked
from tests.fakes.s3.storing import etag_of
from tests.fakes.s3.storing import kept_headers
from tests.fakes.s3.traits import Traits

MOST_DELETED = 1_000
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a bucket, by somebody who may."""

    bucket: Bucket
    bucket_name: str
    key: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    traits: Traits
    now: float


def head_bucket(asked: Asked) -> Answer:
    """Say that the bucket is there."""
    return answer()


def put_object(asked: Asked) -> Answer:
    """Keep an object."""
    checksums = checked(asked.body, asked.headers, asked.traits)
    check_conditions(asked.bucket.objects.get(asked.key), asked.headers, asked.traits)
    kept = Kept(
        asked.key,
        asked.body,
        etag_of(asked.body, asked.traits),
        asked.now,
        asked.headers.get("x-amz-storage-class", "STANDARD"),
        kept_headers(asked.headers) | checksums,
    )
    asked.bucket.objects[asked.key] = kept
    return answer(headers={"ETag": kept.etag, **checksums})


def get_object(asked: Asked) -> Answer:
    """Give an object back, or one range of it."""
    kept = _found(asked)
    if not kept.is_readable:
        raise S3Error("InvalidObjectState", f"the object is in {kept.storage_class}")
    headers = _described(kept, asked)
    found = _RANGE.fullmatch(asked.headers.get("range", ""))
    if found is None or found[0] == "bytes=-":
        return answer(kept.body, headers)
    start, stop = _span(found[1], found[2], len(kept.body))
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(kept.body)}"
    return answer(kept.body[start:stop], headers, status=206)


def head_object(asked: Asked) -> Answer:
    """Describe an object; also one that cannot be read."""
    kept = _found(asked)
    return answer(kept.body, _described(kept, asked))


def delete_object(asked: Asked) -> Answer:
    """Remove an object; it need not be there."""
    asked.bucket.objects.pop(asked.key, None)
    return answer(status=204)


def delete_objects(asked: Asked) -> Answer:
    """Remove up to 1,000 objects."""
    if not any(name == "content-md5" or name.startswith("x-amz-checksum-") for name in asked.headers):
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5")
    checked(asked.body, asked.headers, asked.traits)
    request = parsed(asked.body)
    keys = [text(each, "Key") for each in children(request, "Object")]
    if not 0 < len(keys) <= MOST_DELETED:
        raise S3Error("MalformedXML", f"{len(keys)} keys")
    for key in keys:
        asked.bucket.objects.pop(key, None)
    is_quiet = text(request, "Quiet") == "true"
    return xml("DeleteResult", "" if is_quiet else "".join(f"<Deleted>{element('Key', key)}</Deleted>" for key in keys))


def restore_object(asked: Asked) -> Answer:
    """Begin to make an archived object readable."""
    kept = _found(asked)
    request = parsed(asked.body)
    if not text(request, "Days").isdecimal():
        raise S3Error("MalformedXML", "Days is missing")
    if kept.storage_class not in ARCHIVES:
        raise S3Error("InvalidObjectState", "the object is not archived")
    if kept.restoring is Restoring.ONGOING:
        raise S3Error("RestoreAlreadyInProgress", "Object restore is already in progress")
    if kept.restoring is Restoring.DONE:
        return answer()
    asked.bucket.objects[asked.key] = replace(kept, restoring=Restoring.ONGOING)
    return answer(status=202)


def parsed(body: bytes) -> Xml.Element:
    """Read a request in XML. Raises `S3Error`."""
    try:
        return Xml.fromstring(body)  # noqa: S314 - only tests write it
    except Xml.ParseError as error:
        raise S3Error("MalformedXML", str(error)) from error


def children(parent: Xml.Element, name: str) -> list[Xml.Element]:
    """Return the elements of a name, whatever their namespace."""
    return [each for each in parent if each.tag.rpartition("}")[2] == name]


def text(parent: Xml.Element, name: str) -> str:
    """Return what the first element of a name holds; nothing where there is none."""
    return next((each.text or "" for each in children(parent, name)), "")


def _found(asked: Asked) -> Kept:
    kept = asked.bucket.objects.get(asked.key)
    if kept is None:
        may_know = "ListObjectsV2" not in asked.traits.denied
        raise S3Error("NoSuchKey" if may_know else "AccessDenied", asked.key)
    match, none_match = asked.headers.get("if-match"), asked.headers.get("if-none-match")
    if match is not None and match != "*" and match.strip('"') != kept.etag.strip('"'):
        raise S3Error("PreconditionFailed", f"the ETag is {kept.etag}")
    if none_match is not None and none_match.strip('"') in ("*", kept.etag.strip('"')):
        raise S3Error("NotModified")
    return kept


def _described(kept: Kept, asked: Asked) -> dict[str, str]:
    wants_checksums = asked.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
    modified = format_datetime(datetime.fromtimestamp(kept.modified, UTC), usegmt=True)
    headers = {
        "ETag": kept.etag,
        "Last-Modified": modified,
        "Accept-Ranges": "bytes",
        "Content-Type": "binary/octet-stream",
        **{name.title() if name == "content-type" else name: value for name, value in kept.headers.items()},
    }
    if not wants_checksums:
        headers = {name: value for name, value in headers.items() if not name.startswith("x-amz-checksum-")}
    if kept.storage_class != "STANDARD":
        headers["x-amz-storage-class"] = kept.storage_class
    if kept.restoring is Restoring.ONGOING:
        headers["x-amz-restore"] = 'ongoing-request="true"'
    if kept.restoring is Restoring.DONE:
        headers["x-amz-restore"] = f'ongoing-request="false", expiry-date="{format_datetime(_FAR, usegmt=True)}"'
    chosen = {name: value for name, value in asked.parameters.items() if name.startswith("response-")}
    return headers | {name.removeprefix("response-").title(): value for name, value in chosen.items()}


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """Return where a range starts and stops. Raises `S3Error` where it has nothing of the object."""
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
    if start >= stop:
        raise S3Error("InvalidRange", f"the object has {size} bytes")
    return start, stop
