# SPDX-License-Identifier: Apache-2.0
"""A Blob Storage with one container that keeps everything in memory."""

import base64
import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

from tests.fakes.azure.authority import ACCOUNT
from tests.fakes.azure.authority import TENANT
from tests.fakes.azure.authority import Authority
from tests.fakes.azure.calls import AzureCall
from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import Body
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.answers import element
from tests.fakes.s3.calls import Call
from tests.fakes.s3.serving import ServedS3

CONTAINER = "registry"
PAGE = 3
"""How many blobs a list has at once."""

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_BLOCK = re.compile(r"<Uncommitted>([^<]*)</Uncommitted>")


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob that is there. `headers` are those that come back with it."""

    name: str
    body: bytes
    etag: str
    modified: datetime
    headers: Mapping[str, str]
    tier: str

    @property
    def described(self) -> dict[str, str]:
        """Return what every answer about it tells."""
        modified = format_datetime(self.modified, usegmt=True)
        own = {"ETag": self.etag, "Last-Modified": modified, "Content-Type": "application/octet-stream"}
        return {**own, "x-ms-blob-type": "BlockBlob", "x-ms-access-tier": self.tier, **self.headers}


class AzureServer(ServedS3):
    """Answers from what it was given: `blobs` by name, and the `blocks` of each name that are in no list yet."""

    kind = AzureCall

    def __init__(self) -> None:
        super().__init__()
        self.authority = Authority()
        self.blobs: dict[str, Blob] = {}
        self.blocks: dict[str, dict[str, bytes]] = {}
        self._numbers = itertools.count(1)

    @property
    def endpoint(self) -> str:
        """Where the account is."""
        return f"{self.url}/{ACCOUNT}"

    def archive(self, name: str) -> None:
        """Move a blob to the tier of which nothing can be read."""
        self.blobs[name] = replace(self.blobs[name], tier="Archive")

    async def reply(self, call: Call, body: Body) -> Answer:
        """Do what is asked, if who asks may."""
        assert isinstance(call, AzureCall)
        came = await body.read()
        if call.path == f"/{TENANT}/oauth2/v2.0/token":
            return self.authority.token(dict(parse_qsl(came.decode())))
        self.authority.require(call)
        container, name = call.names
        if container != CONTAINER:
            raise S3Error("ContainerNotFound", container)
        if call.method == "PUT":
            return self._put(call, name, came)
        if call.operation == "ListBlobs":
            return self._list(call.parameters)
        if call.operation == "GetBlockList" and name in self.blocks:
            return self._listed_blocks(name)
        if name not in self.blobs:
            raise S3Error("BlobNotFound", name)
        if call.operation == "DeleteBlob":
            del self.blobs[name]
            return answer(status=202)
        return self._get(call, self.blobs[name])

    def _put(self, call: AzureCall, name: str, came: bytes) -> Answer:
        if int(call.headers["content-length"]) != len(came):
            raise S3Error("IncompleteBody", f"{len(came)} bytes")
        said = call.headers.get("content-md5")
        if said is not None and base64.b64decode(said) != hashlib.md5(came, usedforsecurity=False).digest():
            raise S3Error("Md5Mismatch", name)
        if call.operation == "PutBlock":
            known, block = self.blocks.setdefault(name, {}), call.parameters["blockid"]
            if any(len(other) != len(block) for other in known):
                raise S3Error("InvalidBlobOrBlock", "names of blocks have one length")
            known[block] = came
            return answer(status=201)
        if "if-none-match" in call.headers and name in self.blobs:
            raise S3Error("BlobAlreadyExists", name)
        if call.operation == "PutBlockList":
            blocks = self.blocks.get(name, {})
            listed = _BLOCK.findall(came.decode())
            if not set(listed) <= set(blocks):
                raise S3Error("InvalidBlockList", name)
            came = b"".join(blocks[each] for each in listed)
        elif call.headers.get("x-ms-blob-type") != "BlockBlob":
            raise S3Error("InvalidHeaderValue", "x-ms-blob-type")
        self.blocks.pop(name, None)
        kept = {header: value for header, value in call.headers.items() if header.startswith("x-ms-meta-")}
        etag, now = f'"0x{next(self._numbers):X}"', datetime.now(UTC)
        self.blobs[name] = Blob(name, came, etag, now, kept, call.headers.get("x-ms-access-tier", "Hot"))
        return answer(headers={"ETag": etag}, status=201)

    def _listed_blocks(self, name: str) -> Answer:
        blocks = "".join(f"<Block>{element('Name', block)}</Block>" for block in self.blocks[name])
        return answer(f"<BlockList><UncommittedBlocks>{blocks}</UncommittedBlocks></BlockList>".encode())

    def _get(self, call: AzureCall, blob: Blob) -> Answer:
        if call.method == "HEAD":
            return answer(blob.body, blob.described)
        if blob.tier == "Archive":
            raise S3Error("BlobArchived", blob.name)
        found = _RANGE.fullmatch(call.headers.get("x-ms-range", call.headers.get("range", "")))
        if found is None:
            return answer(blob.body, blob.described)
        start, stop = int(found[1]), min(int(found[2] or len(blob.body)) + 1, len(blob.body))
        if start >= stop:
            raise S3Error("InvalidRange", blob.name)
        told = {**blob.described, "Content-Range": f"bytes {start}-{stop - 1}/{len(blob.body)}"}
        return answer(blob.body[start:stop], told, status=206)

    def _list(self, asked: Mapping[str, str]) -> Answer:
        marker = asked.get("marker", "")
        found = [name for name in sorted(self.blobs) if name.startswith(asked.get("prefix", "")) and name >= marker]
        listed = "".join(_listed(self.blobs[name]) for name in found[:PAGE])
        following = element("NextMarker", found[PAGE]) if len(found) > PAGE else "<NextMarker />"
        text = f'<?xml version="1.0"?><EnumerationResults><Blobs>{listed}</Blobs>{following}</EnumerationResults>'
        return answer(text.encode(), {"Content-Type": "application/xml"})


def _listed(blob: Blob) -> str:
    inside = "".join(
        (
            element("Creation-Time", format_datetime(blob.modified, usegmt=True)),
            element("Last-Modified", format_datetime(blob.modified, usegmt=True)),
            element("Etag", blob.etag.strip('"')),
            element("Content-Length", len(blob.body)),
            element("Content-Type", "application/octet-stream"),
            element("BlobType", "BlockBlob"),
        )
    )
    return f"<Blob>{element('Name', blob.name)}<Properties>{inside}</Properties></Blob>"
