# SPDX-License-Identifier: Apache-2.0
"""What an S3 lists, a page at a time."""

import base64
from datetime import UTC
from datetime import datetime
from urllib.parse import quote

from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import element
from tests.fakes.s3.answers import xml
from tests.fakes.s3.objects import Asked
from tests.fakes.s3.storing import Kept

MOST_LISTED = 1_000


def list_objects(asked: Asked) -> Answer:
    """List keys in the order of their bytes; those that share what comes before a delimiter as one prefix."""
    asks, most = asked.parameters, limit(asked, "max-keys")
    prefix, delimiter = asks.get("prefix", ""), asks.get("delimiter", "")
    entries = _entries(asked, prefix, delimiter)
    after = _decoded(asks["continuation-token"]) if "continuation-token" in asks else asks.get("start-after", "")
    left = [name for name in sorted(entries, key=str.encode) if name.encode() > after.encode()]
    page, is_cut = left[:most], len(left) > most > 0
    inside = [
        element("Name", asked.bucket_name),
        element("Prefix", _name(asked, prefix)),
        element("KeyCount", len(page)),
        element("MaxKeys", most),
        element("IsTruncated", str(is_cut).lower()),
        *(element(each.title(), _name(asked, asks[each])) for each in ("delimiter",) if delimiter),
        *(element("EncodingType", "url") for _ in range(asks.get("encoding-type") == "url")),
        *(element("ContinuationToken", asks["continuation-token"]) for _ in range("continuation-token" in asks)),
        *(element("NextContinuationToken", _encoded(page[-1])) for _ in range(is_cut)),
        *(_entry(asked, name, entries[name]) for name in page),
    ]
    return xml("ListBucketResult", "".join(inside))


def list_uploads(asked: Asked) -> Answer:
    """List uploads that are not complete, by key, and those of one key by age."""
    asks, most = asked.parameters, limit(asked, "max-uploads")
    marker = (asks.get("key-marker", "").encode(), asks.get("upload-id-marker", ""))
    found = [each for each in asked.bucket.uploads.values() if each.key.startswith(asks.get("prefix", ""))]
    found.sort(key=lambda each: (each.key.encode(), each.created, each.id))
    if marker[1]:
        places = [number for number, each in enumerate(found) if (each.key.encode(), each.id) == marker]
        left = found[places[0] + 1 :] if places else [each for each in found if each.key.encode() > marker[0]]
    else:
        left = [each for each in found if each.key.encode() > marker[0]]
    page, is_cut = left[:most], len(left) > most > 0
    inside = [
        element("Bucket", asked.bucket_name),
        element("KeyMarker", _name(asked, asks.get("key-marker", ""))),
        element("UploadIdMarker", marker[1]),
        element("MaxUploads", most),
        element("IsTruncated", str(is_cut).lower()),
    ]
    if is_cut:
        inside += [element("NextKeyMarker", _name(asked, page[-1].key)), element("NextUploadIdMarker", page[-1].id)]
    for upload in page:
        described = element("Key", _name(asked, upload.key)) + element("UploadId", upload.id)
        inside.append(f"<Upload>{described}{element('Initiated', moment(upload.created))}</Upload>")
    return xml("ListMultipartUploadsResult", "".join(inside))


def limit(asked: Asked, name: str) -> int:
    """Return how long a page is: what is asked for, and never over 1,000. Raises `S3Error`."""
    value = asked.parameters.get(name, str(MOST_LISTED))
    if not value.isdecimal():
        raise S3Error("InvalidArgument", f"{name} is {value}")
    return min(int(value), MOST_LISTED)


def moment(seconds: float) -> str:
    """Write a time as S3 does."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _entries(asked: Asked, prefix: str, delimiter: str) -> dict[str, Kept | None]:
    """Return what a list has: objects by their keys, None for a prefix that several keys may share."""
    entries: dict[str, Kept | None] = {}
    for key, kept in asked.bucket.objects.items():
        if key.startswith(prefix):
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            if end < 0:
                entries[key] = kept
            else:
                entries[key[: end + len(delimiter)]] = None
    return entries


def _entry(asked: Asked, name: str, kept: Kept | None) -> str:
    if kept is None:
        return f"<CommonPrefixes>{element('Prefix', _name(asked, name))}</CommonPrefixes>"
    inside = (
        element("Key", _name(asked, name)),
        element("LastModified", moment(kept.modified)),
        element("ETag", kept.etag),
        element("Size", len(kept.body)),
        element("StorageClass", kept.storage_class),
    )
    return f"<Contents>{''.join(inside)}</Contents>"


def _name(asked: Asked, name: str) -> str:
    return quote(name, safe="/-_.*") if asked.parameters.get("encoding-type") == "url" else name


def _encoded(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _decoded(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError as error:
        raise S3Error("InvalidArgument", "The continuation token provided is incorrect") from error
