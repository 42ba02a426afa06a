# SPDX-License-Identifier: Apache-2.0
"""What is asked of an S3, by the name that its documentation has for it, and the book of all that was asked."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from urllib.parse import parse_qsl
from urllib.parse import unquote

DOMAINS = (".s3.test", ".localhost")
"""Of a host that ends so, what is before is the name of a bucket."""

OPERATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("POST", "key", "uploads", "CreateMultipartUpload"),
    ("PUT", "key", "partNumber", "UploadPart"),
    ("POST", "key", "uploadId", "CompleteMultipartUpload"),
    ("DELETE", "key", "uploadId", "AbortMultipartUpload"),
    ("GET", "key", "uploadId", "ListParts"),
    ("POST", "key", "restore", "RestoreObject"),
    ("PUT", "key", "", "PutObject"),
    ("GET", "key", "", "GetObject"),
    ("HEAD", "key", "", "HeadObject"),
    ("DELETE", "key", "", "DeleteObject"),
    ("GET", "bucket", "uploads", "ListMultipartUploads"),
    ("GET", "bucket", "list-type", "ListObjectsV2"),
    ("POST", "bucket", "delete", "DeleteObjects"),
    ("HEAD", "bucket", "", "HeadBucket"),
    ("PUT", "bucket", "", "CreateBucket"),
    ("POST", "service", "", "AssumeRoleWithWebIdentity"),
)
"""A method, what its path names, a parameter that it has, and the operation: the first that fits is meant."""

COPIES = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}
"""What an operation is when it names a source."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request. The path and the query are as they were sent; the names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """The query, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def names(self) -> tuple[str, str]:
        """The bucket and the key, from the host (virtual-hosted style) or the path alone (path style)."""
        path = unquote(self.path).removeprefix("/")
        host = self.headers.get("host", "").partition(":")[0]
        for domain in DOMAINS:
            if host.endswith(domain):
                return host.removesuffix(domain), path
        bucket, _, key = path.partition("/")
        return bucket, key

    @property
    def operation(self) -> str:
        """Its name, as `PutObject`; `Unknown` where it has none here."""
        bucket, key = self.names
        named = "key" if key else "bucket" if bucket else "service"
        parameters = self.parameters
        for method, place, parameter, operation in OPERATIONS:
            if (method, place) == (self.method, named) and (not parameter or parameter in parameters):
                return COPIES.get(operation, operation) if "x-amz-copy-source" in self.headers else operation
        return "Unknown"


@dataclass(frozen=True, slots=True)
class Noted:
    """A call that came, and what became of it."""

    operation: str
    bucket: str
    key: str
    upload: str = ""
    part: int = 0
    received: int = 0
    """How many bytes of a body came."""
    sent: int = 0
    """How many bytes of a body left."""
    status: int = 0
    """What was answered; 0 where nothing was, or nothing yet."""
    outcome: str = ""
    """`OK` or the code of an S3 error. Without an answer, why: `cut`, `held`, `gone`, `unreachable`, `stopped`.

    Empty until it ends.
    """

    @property
    def size(self) -> int:
        """How many bytes it was about."""
        return self.sent if self.operation == "GetObject" else self.received


class Calls:
    """All calls in the order in which they came."""

    def __init__(self) -> None:
        self._all: dict[int, Noted] = {}
        self._last = 0

    def begin(self, call: Call) -> int:
        """Note a call that has come; return its number, by which `end` knows it."""
        bucket, key = call.names
        asked = call.parameters
        part = asked.get("partNumber", "")
        noted = Noted(call.operation, bucket, key, asked.get("uploadId", ""), int(part) if part.isdecimal() else 0)
        self._last += 1
        self._all[self._last] = noted
        return self._last

    def end(self, number: int, *, received: int, sent: int, status: int, outcome: str) -> None:
        """Note what became of a call, unless it was forgotten."""
        if number in self._all:
            changed = replace(self._all[number], received=received, sent=sent, status=status, outcome=outcome)
            self._all[number] = changed

    def __iter__(self) -> Iterator[Noted]:
        return iter(tuple(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def of(self, *operations: str) -> list[Noted]:
        """Return those of some operations."""
        return [noted for noted in self if noted.operation in operations]

    def counts(self) -> dict[str, int]:
        """Tell how often each operation was asked for."""
        return dict(Counter(noted.operation for noted in self))

    def clear(self) -> None:
        """Forget all that came until now."""
        self._all.clear()
