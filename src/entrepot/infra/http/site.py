# SPDX-License-Identifier: Apache-2.0
"""Serving a built single-page application: its assets for ever, its page to every address that a browser goes to."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from mimetypes import MimeTypes
from pathlib import Path

from entrepot.infra.http.request import Request
from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list

INDEX = "index.html"
ETAG_CHARACTERS = 16
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Content codings, the preferred one first, with the ending of a file that the build packed so."""

_TYPES = MimeTypes()
"""Python's own, so that no file of the machine changes what a browser takes for a script."""
_TYPES.add_type("text/javascript", ".js")

_HASHED = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"
_BASE = '<base href="/"'
_NONCE = '<meta name="csp-nonce" content=""'
_REFUSED = re.compile(r"\s*;\s*q=0(\.0{0,3})?\s*$")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; connect-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # Each answer has a nonce of its own.
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class _Asset:
    """A file of the application, in each content coding that it was packed in; unpacked under the empty name."""

    content_type: str
    is_hashed: bool
    packed: Mapping[str, bytes]
    etag: str


class Site:
    """The files of one built application, held in memory as they were when this was made.

    They are few, and an upgrade in place takes none away from pages that are open.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        """Serve what is in `folder`, whose page is told that it is found below `prefix`.

        Without an `index.html` there nothing is served. Raises `OSError` when a file cannot be read.
        """
        self._assets = _assets(folder)
        index = folder / INDEX
        base = f'<base href="{escape(prefix)}/"'
        self._page = index.read_text(encoding="utf-8").replace(_BASE, base, 1) if index.is_file() else ""

    def answer(self, request: Request, path: str) -> Response | None:
        """Return what is at `path` (without the prefix), None when this application has nothing there.

        A browser that goes to an address without a file gets the page, which finds out what to show.
        """
        asset = self._assets.get(path.removeprefix("/"))
        if asset is not None:
            return _served(asset, request)
        is_page = self._page and not path.startswith(f"/{_HASHED}") and "text/html" in (request.header(b"accept") or "")
        return self._filled_in() if is_page else None

    def _filled_in(self) -> Response:
        """Return the page, which may use styles by a nonce that nobody can foresee, and no script but its own."""
        nonce = secrets.token_urlsafe(16)
        page = self._page.replace(_NONCE, f'<meta name="csp-nonce" content="{nonce}"', 1)
        headers = {**_PAGE_HEADERS, "Content-Security-Policy": _POLICY.format(nonce=nonce)}
        return Response(200, header_list(headers.items()), page.encode())


def _assets(folder: Path) -> dict[str, _Asset]:
    found: dict[str, _Asset] = {}
    endings = tuple(ENCODINGS.values())
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name == INDEX or name.endswith(endings):
            continue
        files = {"": path} | {coding: path.with_name(path.name + end) for coding, end in ENCODINGS.items()}
        found[name] = _Asset(
            content_type=_content_type(name),
            is_hashed=name.startswith(_HASHED),
            packed={coding: file.read_bytes() for coding, file in files.items() if file.is_file()},
            etag=hashlib.sha256(path.read_bytes()).hexdigest()[:ETAG_CHARACTERS],
        )
    return found


def _content_type(name: str) -> str:
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("javascript", "json"))
    return f"{kind}; charset=utf-8" if is_text else kind


def _served(asset: _Asset, request: Request) -> Response:
    coding = _chosen(asset, request.header(b"accept-encoding") or "")
    etag = f'"{asset.etag}{"-" if coding else ""}{coding}"'
    headers = {
        "Content-Type": asset.content_type,
        "Cache-Control": _FOR_EVER if asset.is_hashed else _ASK_EACH_TIME,
        "ETag": etag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if coding:
        headers["Content-Encoding"] = coding
    if etag in (request.header(b"if-none-match") or ""):
        return Response(304, header_list(headers.items()))
    return Response(200, header_list(headers.items()), asset.packed[coding])


def _chosen(asset: _Asset, accepted: str) -> str:
    """Return the coding to send, empty for none (RFC 9110 section 12.5.3; weights other than 0 make no difference)."""
    wanted = {each.partition(";")[0].strip().lower() for each in accepted.split(",") if not _REFUSED.search(each)}
    return next((coding for coding in ENCODINGS if coding in wanted and coding in asset.packed), "")
