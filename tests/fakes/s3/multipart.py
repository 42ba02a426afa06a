# SPDX-License-Identifier: Apache-2.0
"""What an S3 does with uploads in parts."""

import secrets
from collections.abc import Sequence

from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.answers import element
from tests.fakes.s3.answers import xml
from tests.fakes.s3.listing import limit
from tests.fakes.s3.listing import moment
from tests.fakes.s3.objects import Asked
from tests.fakes.s3.objects import children
from tests.fakes.s3.objects import parsed
from tests.fakes.s3.objects import text
from tests.fakes.s3.storing import Kept
from tests.fakes.s3.storing import Part
from tests.fakes.s3.storing import Upload
from tests.fakes.s3.storing import check_conditions
from tests.fakes.s3.storing import checked
from tests.fakes.s3.storing import etag_of
from tests.fakes.s3.storing import etag_of_parts
from tests.fakes.s3.storing import kept_headers
from tests.fakes.s3.traits import Traits

MOST_PARTS = 10_000


def create(asked: Asked) -> Answer:
    """Begin an upload."""
    upload = Upload(secrets.token_urlsafe(24), asked.key, asked.now, dict(asked.headers))
    asked.bucket.uploads[upload.id] = upload
    inside = element("Bucket", asked.bucket_name) + element("Key", asked.key) + element("UploadId", upload.id)
    return xml("InitiateMultipartUploadResult", inside)


def upload_part(asked: Asked) -> Answer:
    """Keep a part, instead of the one that has its number."""
    number = asked.parameters.get("partNumber", "")
    if not number.isdecimal() or not 1 <= int(number) <= MOST_PARTS:
        raise S3Error("InvalidArgument", f"Part number must be an integer between 1 and 10000, not {number}")
    upload = _open(asked)
    checksums = checked(asked.body, asked.headers, asked.traits)
    part = Part(int(number), asked.body, etag_of(asked.body, asked.traits), asked.now, checksums)
    upload.parts[part.number] = part
    return answer(headers={"ETag": part.etag, **checksums})


def complete(asked: Asked) -> Answer:
    """Make an object of the parts that are named."""
    again = asked.bucket.completed.get(asked.parameters["uploadId"])
    if asked.traits.completes_again and again == asked.key and again in asked.bucket.objects:
        return _completed(asked, asked.bucket.objects[again])
    upload = _open(asked)
    parts = _named(asked, upload)
    _check_sizes(parts, asked.traits)
    check_conditions(asked.bucket.objects.get(asked.key), asked.headers, asked.traits)
    kept = Kept(
        asked.key,
        b"".join(part.body for part in parts),
        etag_of_parts(parts, asked.traits),
        asked.now,
        upload.headers.get("x-amz-storage-class", "STANDARD"),
        kept_headers(upload.headers),
    )
    asked.bucket.objects[asked.key] = kept
    del asked.bucket.uploads[upload.id]
    asked.bucket.completed[upload.id] = asked.key
    return _completed(asked, kept)


def abort(asked: Asked) -> Answer:
    """Forget an upload and its parts."""
    del asked.bucket.uploads[_open(asked).id]
    return answer(status=204)


def list_parts(asked: Asked) -> Answer:
    """List the parts of an upload, a page at a time."""
    upload = _open(asked)
    after = int(asked.parameters.get("part-number-marker", "") or 0)
    most = limit(asked, "max-parts")
    left = [part for number, part in sorted(upload.parts.items()) if number > after]
    page = left[:most]
    inside = [
        element("Bucket", asked.bucket_name),
        element("Key", asked.key),
        element("UploadId", upload.id),
        element("PartNumberMarker", after),
        element("MaxParts", most),
        element("IsTruncated", str(len(left) > most).lower()),
        *(element("NextPartNumberMarker", part.number) for part in page[-1:]),
        *(f"<Part>{_described(part)}</Part>" for part in page),
    ]
    return xml("ListPartsResult", "".join(inside))


def _open(asked: Asked) -> Upload:
    upload = asked.bucket.uploads.get(asked.parameters.get("uploadId", ""))
    if upload is None or upload.key != asked.key:
        raise S3Error("NoSuchUpload", "it may have been aborted or completed")
    return upload


def _named(asked: Asked, upload: Upload) -> list[Part]:
    """Return the parts that a request names. Raises `S3Error` (InvalidPart, InvalidPartOrder, MalformedXML)."""
    named = children(parsed(asked.body), "Part")
    if not 0 < len(named) <= MOST_PARTS or any(not text(each, "PartNumber").isdecimal() for each in named):
        raise S3Error("MalformedXML", f"{len(named)} parts")
    numbers = [int(text(each, "PartNumber")) for each in named]
    if numbers != sorted(set(numbers)):
        raise S3Error("InvalidPartOrder", f"{numbers}")
    for number, each in zip(numbers, named, strict=True):
        part = upload.parts.get(number)
        if part is None or part.etag.strip('"') != text(each, "ETag").strip('"'):
            raise S3Error("InvalidPart", f"part {number} is missing or has another ETag")
        said = text(each, "ChecksumSHA256")
        if said and said != part.checksums.get("x-amz-checksum-sha256", said):
            raise S3Error("InvalidPart", f"part {number} has another checksum")
    return [upload.parts[number] for number in numbers]


def _check_sizes(parts: Sequence[Part], traits: Traits) -> None:
    *others, last = parts
    if any(len(part.body) < traits.least_part for part in others):
        raise S3Error("EntityTooSmall", f"a part that is not the last has less than {traits.least_part} bytes")
    if traits.needs_equal_parts and others:
        size = len(others[0].body)
        if any(len(part.body) != size for part in others) or len(last.body) > size:
            raise S3Error("InvalidPart", "All non-trailing parts must have the same length.")


def _completed(asked: Asked, kept: Kept) -> Answer:
    inside = element("Bucket", asked.bucket_name) + element("Key", asked.key) + element("ETag", kept.etag)
    return xml("CompleteMultipartUploadResult", inside)


def _described(part: Part) -> str:
    return "".join(
        (
            element("PartNumber", part.number),
            element("LastModified", moment(part.modified)),
            element("ETag", part.etag),
            element("Size", len(part.body)),
        )
    )
