# SPDX-License-Identifier: Apache-2.0
"""A registry in memory with the habits that registries have, good and bad: it is served as any ASGI application."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import parse_qs

from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_INDEX
from tests.builders.manifests import BuiltManifest

_PATH = re.compile(r"/v2/(.+)/(manifests|blobs|tags|referrers)/(.*)")


@dataclass(slots=True)
class Habits:
    """What it does otherwise than others."""

    takes_chunks: bool = True
    lists_referrers: bool = True
    referrers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """What it answers in the place of the referrers of a digest."""
    hands_out_parts: bool = True
    blobs_are_at: str = ""
    """The address that blobs are handed out at, in place of its own."""
    token_uses: int = 0
    """How many requests a token is good for, where any is wanted."""
    login: str = ""
    """The `Authorization` that its token service wants; empty for anybody's."""
    largest_chunk: int = 1 << 40
    busy: int = 0
    """So many requests are answered with 429 first."""
    busy_seconds: int = 0
    forgets_uploads: int = 0
    """So many chunks are answered as if there were no such upload."""
    short_by: int = 0
    """What blobs are handed out lacks so many bytes at its end, once each."""
    page_items: int = 2
    has_catalogue: bool = True
    goes_in_circles: bool = False
    """Whether its last page names the first one as the next."""
    lies: dict[str, bytes] = field(default_factory=dict)
    """What it hands out in the place of blobs, by their digest."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A request that came. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


@dataclass(slots=True)
class WaywardRegistry:
    """Answers the distribution API. What was pushed is in `blobs` and `manifests`, by repository."""

    habits: Habits = field(default_factory=Habits)
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    asked: list[Noted] = field(default_factory=list)
    tokens: Counter[str] = field(default_factory=Counter)
    _cut: set[str] = field(default_factory=set)

    def has(self, repository: str, built: BuiltManifest, *tags: str) -> None:
        """Hold a manifest, under its digest and tags."""
        for reference in (built.digest, *tags):
            self.manifests[repository, reference] = built.media_type, built.payload

    def has_blob(self, repository: str, content: bytes) -> None:
        """Hold a blob."""
        self.blobs[repository, digest_of(content)] = content

    def methods(self, part: str) -> list[str]:
        """Return the methods of requests to paths with a part."""
        return [each.method for each in self.asked if part in each.path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        noted = Noted(scope["method"], scope["path"], scope["query_string"].decode(), headers)
        self.asked.append(noted)
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                break
        status, own, content = self._answer(noted, bytes(body))
        length = len(content) if "content-length" not in own else int(own.pop("content-length"))
        raw = [(name.encode(), value.encode()) for name, value in own.items()]
        start = {"type": "http.response.start", "status": status}
        await send({**start, "headers": [*raw, (b"content-length", b"%d" % length)]})
        await send({"type": "http.response.body", "body": b"" if noted.method == "HEAD" else content})

    def _answer(self, noted: Noted, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if noted.path == "/token":
            return self._token(noted)
        if self.habits.busy:
            self.habits.busy -= 1
            return 429, {"retry-after": str(self.habits.busy_seconds)}, b""
        refused = self._refused(noted)
        if refused is not None:
            return refused
        if noted.path == "/v2/_catalog":
            return self._catalogue(noted)
        found = _PATH.fullmatch(noted.path)
        if found is None:
            return 404, {}, b""
        repository, kind, rest = found.groups()
        if kind == "manifests":
            return self._manifest(noted, repository, rest, body)
        if kind == "tags":
            return self._tags(noted, repository)
        if kind == "referrers":
            return self._referrers(repository, rest)
        if rest.startswith("uploads/"):
            return self._upload(noted, repository, rest.removeprefix("uploads/"), body)
        return self._blob(noted, repository, rest)

    def _token(self, noted: Noted) -> tuple[int, dict[str, str], bytes]:
        if self.habits.login and noted.headers.get("authorization") != self.habits.login:
            return 401, {}, b'{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}'
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = self.habits.token_uses
        return 200, {}, json.dumps({"token": token, "expires_in": 300}).encode()

    def _refused(self, noted: Noted) -> tuple[int, dict[str, str], bytes] | None:
        if not self.habits.token_uses:
            return None
        token = noted.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens[token] > 0:
            self.tokens[token] -= 1
            return None
        realm = f"http://{noted.headers['host']}/token"
        return 401, {"www-authenticate": f'Bearer realm="{realm}",service="fake"'}, b""

    def _manifest(
        self, noted: Noted, repository: str, reference: str, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if noted.method == "PUT":
            digest = digest_of(body)
            media_type = noted.headers["content-type"]
            self.manifests[repository, digest] = self.manifests[repository, reference] = media_type, body
            subject = parse_manifest(body, media_type).subject
            listed = {"oci-subject": subject.digest} if subject is not None and self.habits.lists_referrers else {}
            return 201, {"docker-content-digest": digest, **listed}, b""
        found = self.manifests.get((repository, reference))
        if found is None:
            return 404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}'
        stated = reference if ":" in reference else digest_of(found[1])
        return 200, {"content-type": found[0], "docker-content-digest": stated}, found[1]

    def _catalogue(self, noted: Noted) -> tuple[int, dict[str, str], bytes]:
        if not self.habits.has_catalogue:
            return 404, {}, b""
        names = sorted({repository for repository, _ in self.manifests})
        after = parse_qs(noted.query).get("last", [""])[0]
        page = [name for name in names if name > after][: self.habits.page_items]
        more = {}
        if page and page[-1] < names[-1]:
            more = {"link": f'</v2/_catalog?last={page[-1]}>; rel="next"'}
        elif self.habits.goes_in_circles:
            more = {"link": f'</v2/_catalog?last=&again={len(self.asked)}>; rel="next"'}
        return 200, more, json.dumps({"repositories": page}).encode()

    def _tags(self, noted: Noted, repository: str) -> tuple[int, dict[str, str], bytes]:
        if all(repo != repository for repo, _ in self.manifests):
            return 404, {}, b'{"errors":[{"code":"NAME_UNKNOWN","message":"unknown"}]}'
        tags = sorted(ref for repo, ref in self.manifests if repo == repository and ":" not in ref)
        after = parse_qs(noted.query).get("last", [""])[0]
        page = [tag for tag in tags if tag > after][: self.habits.page_items]
        more = (
            {"link": f'</v2/{repository}/tags/list?last={page[-1]}>; rel="next"'}
            if page and page[-1] < tags[-1]
            else {}
        )
        return 200, more, json.dumps({"name": repository, "tags": page}).encode()

    def _referrers(self, repository: str, subject: str) -> tuple[int, dict[str, str], bytes]:
        if subject in self.habits.referrers:
            return self.habits.referrers[subject]
        if not self.habits.lists_referrers:
            return 404, {}, b""
        found = {}
        for (name, _), (media_type, payload) in self.manifests.items():
            manifest = parse_manifest(payload, media_type)
            if name == repository and manifest.subject is not None and manifest.subject.digest == subject:
                digest = digest_of(payload)
                found[digest] = manifest.referrer_descriptor(digest, len(payload))
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(found.values())}
        return 200, {"content-type": OCI_INDEX}, json.dumps(index).encode()

    def _blob(self, noted: Noted, repository: str, digest: str) -> tuple[int, dict[str, str], bytes]:
        content = self.blobs.get((repository, digest))
        if content is None:
            return 404, {}, b""
        content = self.habits.lies.get(digest, content)
        if self.habits.blobs_are_at and noted.method == "GET":
            return 307, {"location": f"{self.habits.blobs_are_at}/v2/{repository}/blobs/{digest}"}, b""
        first, last = 0, len(content) - 1
        wanted = noted.headers.get("range", "")
        is_part = bool(wanted) and self.habits.hands_out_parts
        if is_part:
            first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        part = content[first : last + 1]
        own = {"content-length": str(len(part))}
        if self.habits.short_by and noted.method == "GET" and digest not in self._cut:
            self._cut.add(digest)
            part = part[: -self.habits.short_by]
            own["content-length"] = str(len(part))
        if is_part:
            return 206, {**own, "content-range": f"bytes {first}-{last}/{len(content)}"}, part
        return 200, own, part

    def _upload(self, noted: Noted, repository: str, name: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        query = parse_qs(noted.query)
        if noted.method == "POST":
            return self._begin(repository, query)
        upload = self.uploads.get(name)
        if upload is None:
            return 404, {}, b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"no such upload"}]}'
        place = {"location": f"/v2/{repository}/blobs/uploads/{name}"}
        if noted.method == "GET":
            return 204, {**place, "range": f"0-{max(0, len(upload) - 1)}"}, b""
        if noted.method == "PATCH":
            refused = self._refused_chunk(name, body)
            if refused:
                return refused, {}, b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' if refused == 404 else b""
            upload += body
            return 202, {**place, "range": f"0-{len(upload) - 1}"}, b""
        upload += body
        digest = query["digest"][0]
        del self.uploads[name]
        if digest_of(bytes(upload)) != digest:
            return 400, {}, b'{"errors":[{"code":"DIGEST_INVALID","message":"other content"}]}'
        self.blobs[repository, digest] = bytes(upload)
        return 201, {"docker-content-digest": digest}, b""

    def _begin(self, repository: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        mounted = self.blobs.get((query.get("from", [""])[0], query.get("mount", [""])[0]))
        if mounted is not None:
            self.has_blob(repository, mounted)
            return 201, {}, b""
        name = f"u{len(self.asked)}"
        self.uploads[name] = bytearray()
        return 202, {"location": f"/v2/{repository}/blobs/uploads/{name}"}, b""

    def _refused_chunk(self, name: str, body: bytes) -> int:
        if not self.habits.takes_chunks:
            return 405
        if len(body) > self.habits.largest_chunk:
            return 413
        if self.habits.forgets_uploads:
            self.habits.forgets_uploads -= 1
            del self.uploads[name]
            return 404
        return 0
