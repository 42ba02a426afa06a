# SPDX-License-Identifier: Apache-2.0
"""Reading the XML that S3 answers with, which is of a server that the operator named but may be anything."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import ParseError
from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

import msgspec

from entrepot.kernel.clock import Milliseconds

MAX_XML_BYTES = 4 * 1024 * 1024


class StoredPart(msgspec.Struct, array_like=True, frozen=True):
    """A part that the bucket has: its entity tag, and its SHA-256 in base64 if that was sent along."""

    etag: str
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload in parts that was neither completed nor given up."""

    key: str
    upload_id: str
    initiated_ms: Milliseconds


def parse_xml(body: bytes) -> Element:
    """Read a document in UTF-8, whatever encoding it names, without declarations of entities. Raises `ParseError`."""
    if len(body) > MAX_XML_BYTES or b"<!" in body:
        raise ParseError("not a plain document")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseError("not in UTF-8") from None
    return fromstring(text)  # noqa: S314 - without declarations nothing can be expanded


def texts(body: bytes, *names: str) -> dict[str, str]:
    """Return the text of the first element of each name, whatever its namespace. Raises `ParseError`."""
    found: dict[str, str] = {}
    for element in parse_xml(body).iter():
        name = _local(element)
        if name in names:
            found.setdefault(name, (element.text or "").strip())
    return found


def error_code(body: bytes) -> str:
    """Return the code of an error, such as `NoSuchKey`; empty when the body tells none."""
    try:
        root = parse_xml(body)
        if _local(root) not in ("Error", "ErrorResponse"):
            return ""
        code = texts(body, "Code").get("Code", "")
    except ParseError:
        return ""
    return code if code.isascii() and code.replace(".", "").isalnum() and len(code) <= 100 else ""


def parse_open_uploads(body: bytes) -> tuple[list[OpenUpload], tuple[str, str] | None]:
    """Return a page of uploads in parts, and where the next one begins. Raises `ParseError` and `ValueError`."""
    found = []
    for element in _named(parse_xml(body), "Upload"):
        own = {_local(child): (child.text or "").strip() for child in element}
        initiated = datetime.fromisoformat(own.get("Initiated", ""))
        moment = Milliseconds(int(initiated.timestamp() * 1000))
        found.append(OpenUpload(own.get("Key", ""), own.get("UploadId", ""), moment))
    told = texts(body, "IsTruncated", "NextKeyMarker", "NextUploadIdMarker")
    if told.get("IsTruncated") != "true":
        return found, None
    return found, (told.get("NextKeyMarker", ""), told.get("NextUploadIdMarker", ""))


def completion(parts: Sequence[StoredPart]) -> bytes:
    """Write the list of parts that an upload consists of."""
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(part.etag)}</ETag>"
        f"{f'<ChecksumSHA256>{escape(part.checksum)}</ChecksumSHA256>' if part.checksum else ''}</Part>"
        for number, part in enumerate(parts, 1)
    )
    return f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()


def restoration(days: int, tier: str) -> bytes:
    """Write the wish that an archived object be readable for so many days."""
    wish = f"<Days>{days}</Days><GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters>"
    return f"<RestoreRequest>{wish}</RestoreRequest>".encode()


def _named(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _local(element) == name)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
