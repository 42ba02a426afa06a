# SPDX-License-Identifier: Apache-2.0
"""Lists that a registry hands out page by page: its repositories, and the tags of one (distribution-spec, "Listing").

A registry may list for ever, by mistake or on purpose: pages that come again end the list with an error.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlencode

from entrepot.infra.distribution.answers import MAX_PAGE_BYTES
from entrepot.infra.distribution.answers import next_page
from entrepot.infra.distribution.answers import refusal
from entrepot.infra.distribution.authorizer import Scopes
from entrepot.infra.distribution.errors import CatalogueMissing
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.errors import TooMuch
from entrepot.infra.distribution.session import Session
from entrepot.infra.distribution.ways import target_of
from entrepot.infra.http.outbound.destination import Answer
from entrepot.oci.document import parse_object
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.reference import RepositoryName

PAGE_ITEMS = 1_000
MAX_PAGES = 10_000
MAX_NAME_CHARACTERS = 255

_CATALOGUE_SCOPES = ("registry:catalog:*",)
_NO_CATALOGUE = frozenset({400, 401, 403, 404, 405, 501})


@dataclass(frozen=True, slots=True)
class Page:
    """Some names, in the order of the registry, and where the next ones are: empty for the last page."""

    names: tuple[str, ...]
    following: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What is listed: the member of the answers that holds names, and the right that asking takes."""

    member: str
    place: str
    """Path and query of the first page."""
    scopes: Scopes
    about: str


def catalogue() -> Listed:
    """List the repositories of a registry."""
    return Listed("repositories", f"/v2/_catalog?{urlencode({'n': PAGE_ITEMS})}", _CATALOGUE_SCOPES, "its catalogue")


def tags_of(name: RepositoryName) -> Listed:
    """List the tags of a repository."""
    place = f"/v2/{name}/tags/list?{urlencode({'n': PAGE_ITEMS})}"
    return Listed("tags", place, (f"repository:{name}:pull",), f"the tags of {name}")


async def pages(session: Session, listed: Listed, start: str = "", max_pages: int = MAX_PAGES) -> AsyncIterator[Page]:
    """Yield page after page, from the place `start` on, or from the first.

    Raises `CatalogueMissing` or `ContentMissing`, `CopyingFailed` for a list that goes round in a circle, `TooMuch`,
    and what a session raises.
    """
    place, seen = start or listed.place, set[bytes]()
    for _ in range(max_pages):
        page = await _page(session, listed, place)
        marks = {_mark(place), *([_mark("\n".join(page.names))] if page.names else [])}
        if marks & seen:
            raise CopyingFailed(f"{session.origin.origin} lists {listed.about} in a circle: a page comes again")
        seen |= marks
        yield page
        if not page.following:
            return
        place = page.following
    raise TooMuch(f"{session.origin.origin} lists {listed.about} on more than {max_pages} pages")


async def _page(session: Session, listed: Listed, place: str) -> Page:
    url = session.url(place)
    answer = await session.ask("GET", url, listed.scopes, max_bytes=MAX_PAGE_BYTES)
    if answer.status != 200:
        raise _refused(session, listed, answer)
    return Page(parse_names(answer.body, listed.member), _following(session, answer))


def parse_names(body: bytes, member: str) -> tuple[str, ...]:
    """Return the names that an answer lists, none of them twice. Raises `CopyingFailed`."""
    try:
        listed = parse_object(body).get(member)
    except ManifestInvalid as error:
        raise CopyingFailed(f"the registry's list of {member} cannot be read: {error.message}") from error
    found = (each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
    return tuple(dict.fromkeys(each for each in found if 0 < len(each) <= MAX_NAME_CHARACTERS))


def _refused(session: Session, listed: Listed, answer: Answer) -> CopyingFailed | ContentMissing:
    error = refusal(session.origin.origin, answer, listed.about)
    if listed.scopes == _CATALOGUE_SCOPES and answer.status in _NO_CATALOGUE:
        return CatalogueMissing(error.message)
    if answer.status == 404:
        return ContentMissing(f"{session.origin.origin} does not have {listed.about}, or you may not read them")
    return error


def _following(session: Session, answer: Answer) -> str:
    link = next_page(answer.headers)
    if not link:
        return ""
    to = session.url(link)
    if to.origin != session.origin.origin:
        raise CopyingFailed(f"{session.origin.origin} names a further page elsewhere")
    return target_of(to)


def _mark(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
