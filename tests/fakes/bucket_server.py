# SPDX-License-Identifier: Apache-2.0
"""An S3 with one bucket: it verifies signatures by itself, keeps every version, and locks what it is told to lock."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from urllib.parse import parse_qsl
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from tests.fakes.scripted_server import Asked
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer

KEY_ID, SECRET, REGION, BUCKET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-test-1", "audit"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>[^,]+),SignedHeaders=(?P<names>[^,]+),Signature=(?P<sum>\w+)"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A version of an object."""

    key: str
    id: str
    body: bytes
    locked_until: str
    mode: str


class BucketServer(ScriptedServer):
    """Answers from what it was given. `page` is how many versions a list has."""

    def __init__(self, page: int = 2) -> None:
        super().__init__()
        self.versions: list[Stored] = []
        self.page = page

    def reply(self, asked: Asked) -> Scripted:
        """Do what S3 does with a request."""
        if not _is_signed(asked):
            return _error(403, "SignatureDoesNotMatch")
        url = urlsplit(asked.target)
        bucket, _, key = unquote(url.path).removeprefix("/").partition("/")
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        if bucket != BUCKET:
            return _error(404, "NoSuchBucket")
        if asked.method == "PUT":
            return self._put(key, asked)
        if asked.method == "GET" and not key and "versions" in query:
            return self._list(query)
        if asked.method == "GET":
            wanted = [each for each in self.versions if each.key == key and query.get("versionId", each.id) == each.id]
            return Scripted(200, wanted[-1].body) if wanted else _error(404, "NoSuchKey")
        return _error(405, "MethodNotAllowed")

    def _put(self, key: str, asked: Asked) -> Scripted:
        checksum = base64.b64encode(hashlib.sha256(asked.body).digest()).decode()
        if asked.headers["x-amz-checksum-sha256"] != checksum:
            return _error(400, "BadDigest")
        mode = asked.headers.get("x-amz-object-lock-mode", "")
        until = asked.headers.get("x-amz-object-lock-retain-until-date", "")
        if mode and datetime.strptime(until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) < datetime.now(UTC):
            return _error(400, "InvalidArgument")
        self.versions.append(Stored(key, f"v{len(self.versions)}", asked.body, until, mode))
        return Scripted(200, b"")

    def _list(self, query: Mapping[str, str]) -> Scripted:
        found = sorted((each for each in self.versions if each.key.startswith(query["prefix"])), key=_place)
        marker = (query.get("key-marker", ""), query.get("version-id-marker", ""))
        some = [each for each in found if _place(each) > marker][: self.page]
        is_cut = bool(some) and some[-1] != found[-1]
        entries = "".join(
            f"<Version><Key>{escape(quote(each.key))}</Key><VersionId>{each.id}</VersionId></Version>" for each in some
        )
        end = "".join(
            f"<NextKeyMarker>{each.key}</NextKeyMarker><NextVersionIdMarker>{each.id}</NextVersionIdMarker>"
            for each in some[-1:]
            if is_cut
        )
        text = (
            '<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(is_cut).lower()}</IsTruncated>{end}{entries}</ListVersionsResult>"
        )
        return Scripted(200, text.encode())


def _place(version: Stored) -> tuple[str, str]:
    return version.key, version.id


def _error(status: int, code: str) -> Scripted:
    return Scripted(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())


def _is_signed(asked: Asked) -> bool:
    """Tell whether the request has the signature that it should have, over all that matters."""
    found = _AUTHORIZATION.fullmatch(asked.authorization)
    if found is None or found["key"] != KEY_ID:
        return False
    names = found["names"].split(";")
    needed = {"host", *(name for name in asked.headers if name.startswith("x-amz-"))}
    if not needed <= set(names) or asked.headers["x-amz-content-sha256"] != hashlib.sha256(asked.body).hexdigest():
        return False
    day = asked.headers["x-amz-date"][:8]
    if found["scope"] != f"{day}/{REGION}/s3/aws4_request":
        return False
    return hmac.compare_digest(_signature(asked, names, found["scope"], day), found["sum"])


def _signature(asked: Asked, names: Sequence[str], scope: str, day: str) -> str:
    url = urlsplit(asked.target)
    query = "&".join(sorted(part if "=" in part else f"{part}=" for part in url.query.split("&") if part))
    lines = [asked.method, url.path, query, *(f"{name}:{asked.headers[name].strip()}" for name in names), ""]
    request = "\n".join([*lines, ";".join(names), asked.headers["x-amz-content-sha256"]])
    hashed = hashlib.sha256(request.encode()).hexdigest()
    key = b"AWS4" + SECRET.encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["AWS4-HMAC-SHA256", asked.headers["x-amz-date"], scope, hashed])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
