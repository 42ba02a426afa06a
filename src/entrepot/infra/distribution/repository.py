# SPDX-License-Identifier: Apache-2.0
"""A repository of a registry, asked through the distribution API."""

from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from entrepot.infra.distribution.answers import MAX_PAGE_BYTES
from entrepot.infra.distribution.answers import next_page
from entrepot.infra.distribution.answers import refusal
from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Opened
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.errors import LoginRefused
from entrepot.infra.distribution.errors import TooMuch
from entrepot.infra.distribution.session import Session
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.url import Url
from entrepot.kernel.errors import AppError
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import parse_digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.document import parse_object
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.errors import TagInvalid
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import OCI_ARTIFACT_MANIFEST
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.media_types import is_index
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_tag

MAX_PAGES = 10_000
MAX_TAGS = 1_000_000
MAX_REFERRERS = 10_000
PAGE_ITEMS = 1_000

_ACCEPT = f"{OCI_INDEX}, {OCI_MANIFEST}, {DOCKER_LIST}, {DOCKER_MANIFEST}, {OCI_ARTIFACT_MANIFEST}, */*;q=0.1"
_NONE: Mapping[str, str] = MappingProxyType({})
_NO_REFERRERS_API = frozenset({400, 404, 405, 406, 501})


class Repository:
    """A repository, and the right to it that its requests ask for."""

    def __init__(self, session: Session, name: RepositoryName, *, writes: bool) -> None:
        self.session = session
        self.name = name
        self.scopes = (f"repository:{name}:{'pull,push' if writes else 'pull'}",)
        self._has_referrers_api: bool | None = None
        """Whether it lists referrers, once it is known."""

    def url(self, path: str) -> Url:
        """Return the address of something in the repository."""
        return self.session.url(f"/v2/{self.name}/{path}")

    async def manifest(self, reference: Digest | TagName) -> Fetched:
        """Return a manifest, checked. Raises `ContentMissing` and `ContentWrong`."""
        headers = {"Accept": _ACCEPT}
        url = self.url(f"manifests/{reference}")
        answer = await self.session.ask("GET", url, self.scopes, headers=headers, max_bytes=MAX_MANIFEST_BYTES)
        if answer.status == 404:
            raise ContentMissing(
                f"{self.session.origin.origin} has no {self._named(reference)}, or you may not read it"
            )
        self.require(answer, 200, about=self._named(reference))
        return _checked(answer, reference, self._named(reference))

    async def manifest_digest(self, reference: Digest | TagName) -> Digest | None:
        """Return the digest of a manifest that is there, None if there is none."""
        url = self.url(f"manifests/{reference}")
        answer = await self.session.ask("HEAD", url, self.scopes, headers={"Accept": _ACCEPT})
        if answer.status == 404:
            return None
        self.require(answer, 200, about=self._named(reference))
        stated = answer.headers.get("docker-content-digest", "")
        return parse_digest(stated) if stated else (await self.manifest(reference)).digest

    async def blob_size(self, digest: Digest) -> int | None:
        """Return the size of a blob that is there, None if there is none; -1 where the registry does not tell it."""
        answer = await self.session.ask("HEAD", self.url(f"blobs/{digest}"), self.scopes)
        if answer.status == 404:
            return None
        self.require(answer, 200, about=digest)
        length = answer.headers.get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() else -1

    @asynccontextmanager
    async def blob(self, descriptor: Descriptor, start: int, end: int) -> AsyncIterator[Opened]:
        """Open a blob. Raises `ContentMissing`, and `RegistryRefused` for what else is answered."""
        is_part = start > 0 or end < descriptor.size
        headers = {"Range": f"bytes={start}-{end - 1}"} if is_part else _NONE
        url = self.url(f"blobs/{descriptor.digest}")
        async with self.session.open(url, self.scopes, headers) as incoming:
            if incoming.status == 404:
                raise ContentMissing(f"{self.session.origin.origin} does not have {self.name}@{descriptor.digest}")
            if incoming.status not in (200, 206):
                answer = Answer(incoming.status, incoming.headers, await incoming.whole(64 * 1024))
                self.require(answer, 200, 206, about=descriptor.digest)
            first = _first_byte(incoming.headers, start) if incoming.status == 206 else 0
            yield Opened(first, incoming.chunks())

    async def tags(self) -> list[TagName]:
        """Return every tag, page after page. Tags that no tool could ask for are left out."""
        found: list[TagName] = []
        url: Url | None = self.url(f"tags/list?n={PAGE_ITEMS}")
        for _ in range(MAX_PAGES):
            if url is None or len(found) > MAX_TAGS:
                break
            answer = await self.session.ask("GET", url, self.scopes, max_bytes=MAX_PAGE_BYTES)
            if answer.status == 404:
                raise ContentMissing(f"{self.session.origin.origin} has no {self.name}, or you may not read it")
            self.require(answer, 200, about=f"the tags of {self.name}")
            found += _names(answer, "tags")
            url = self._next(url, answer)
        if url is not None:
            raise TooMuch(f"{self.name} has more than {MAX_TAGS} tags, or too many pages of them")
        return list(dict.fromkeys(found))

    async def referrers(self, subject: Digest) -> list[Descriptor]:
        """Return what refers to a manifest, from the referrers API or, without it, from the tag that stands for it.

        A registry that has listed some has the API: whatever it answers later is no sign that there are none. Raises
        `CopyingFailed` for a list that cannot be read, and `TooMuch`.
        """
        if self._has_referrers_api is not False:
            answered = await self._referrers(subject)
            self._has_referrers_api = answered is not None
            if answered is not None:
                return answered
        try:
            fetched = await self.manifest(parse_tag(referrers_tag(subject)))
        except ContentMissing:
            return []
        return list(fetched.manifest.children) if is_index(fetched.media_type) else []

    async def _referrers(self, subject: Digest) -> list[Descriptor] | None:
        found: list[Descriptor] = []
        url = self.url(f"referrers/{subject}")
        for _ in range(MAX_PAGES):
            answer = await self.session.ask("GET", url, self.scopes, max_bytes=MAX_MANIFEST_BYTES)
            is_new = self._has_referrers_api is None and not found
            if is_new and (answer.status in _NO_REFERRERS_API or not _is_json(answer)):
                return None
            self.require(answer, 200, about=f"the referrers of {subject}")
            try:
                found += parse_manifest(answer.body, OCI_INDEX).children
            except ManifestInvalid as error:
                raise CopyingFailed(f"the list of what refers to {subject} cannot be read: {error.message}") from error
            if len(found) > MAX_REFERRERS:
                break
            following = self._next(url, answer)
            if following is None:
                return found
            url = following
        raise TooMuch(f"{subject} has more than {MAX_REFERRERS} referrers, or too many pages of them")

    async def put_manifest(self, fetched: Fetched, reference: Digest | TagName) -> Answer:
        """Store a manifest under a tag or its digest."""
        headers = {"Content-Type": fetched.media_type}
        url = self.url(f"manifests/{reference}")
        answer = await self.session.ask("PUT", url, self.scopes, fetched.payload, headers)
        self.require(answer, 201, about=self._named(reference))
        stated = answer.headers.get("docker-content-digest", fetched.digest)
        if stated != fetched.digest:
            raise ContentWrong(f"{self.session.origin.origin} stored {stated[:80]} in place of {fetched.digest}")
        return answer

    def require(self, answer: Answer, *statuses: int, about: str) -> None:
        """Raise what an answer says, unless it has one of the statuses."""
        if answer.status in statuses:
            return
        error = refusal(self.session.origin.origin, answer, about)
        if answer.status == 401:
            hint = "Log in again, or ask for the right to this repository."
            raise LoginRefused(error.message, status=401, reason=error.reason, hint=hint)
        raise error

    def _next(self, url: Url, answer: Answer) -> Url | None:
        link = next_page(answer.headers)
        if not link:
            return None
        to = self.session.url(link)
        if to.origin != self.session.origin.origin or to == url:
            raise CopyingFailed(f"{self.session.origin.origin} names no further page that can be asked for")
        return to

    def _named(self, reference: Digest | TagName) -> str:
        return f"{self.name}{'@' if ':' in reference else ':'}{reference}"


def _checked(answer: Answer, reference: Digest | TagName, named: str) -> Fetched:
    stated = answer.headers.get("docker-content-digest", "")
    asked = reference if ":" in reference else stated
    try:
        wanted = parse_digest(asked) if asked else None
        digest = digest_of(answer.body, algorithm_of(wanted) if wanted else "sha256")
        if wanted is not None and digest != wanted:
            raise ContentWrong(f"what the registry has as {named} is not {wanted}")
        manifest = parse_manifest(answer.body, answer.headers.get("content-type"))
    except ContentWrong:
        raise
    except AppError as error:
        raise CopyingFailed(f"{named} cannot be read: {error.message}", hint=error.hint) from error
    return Fetched(answer.body, manifest.media_type, digest)


def _is_json(answer: Answer) -> bool:
    """Tell whether this is what an API answers, and no page for people that some servers have in every place."""
    return answer.status != 200 or "json" in answer.headers.get("content-type", "json").lower()


def _first_byte(headers: Mapping[str, str], start: int) -> int:
    """Return where a part begins, which is where it was asked for (RFC 9110, section 14.4)."""
    unit, _, rest = headers.get("content-range", "").partition(" ")
    first = rest.partition("-")[0]
    if unit.lower() != "bytes" or not first.isascii() or not first.isdigit() or int(first) > start:
        raise ContentWrong("the registry sends another part than it was asked for")
    return int(first)


def _names(answer: Answer, member: str) -> list[TagName]:
    try:
        listed = parse_object(answer.body).get(member)
    except ManifestInvalid as error:
        raise CopyingFailed(f"the registry's list of {member} cannot be read: {error.message}") from error
    found = []
    for each in listed if isinstance(listed, list) else []:
        try:
            found.append(parse_tag(str(each)))
        except TagInvalid:
            continue
    return found
