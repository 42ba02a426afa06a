# SPDX-License-Identifier: Apache-2.0
"""Serving a built single-page application."""

import re
from pathlib import Path

import pytest

from entrepot.infra.http.response import Response
from entrepot.infra.http.site import Site
from tests.builders.requests import a_request

INDEX = '<base href="/" /><meta name="csp-nonce" content="" /><script src="./assets/main-1a.js"></script>'
BROWSER = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Build an application of one script, packed in both ways, and an icon."""
    (tmp_path / "assets").mkdir()
    for name, content in {
        "index.html": INDEX,
        "icon.svg": "<svg/>",
        "assets/main-1a.js": "let a = 1",
        "assets/main-1a.js.br": "br",
        "assets/main-1a.js.gz": "gzip",
    }.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def header(response: Response | None, name: bytes) -> str:
    """Return a header of an answer, empty when it is absent."""
    assert response is not None
    return dict(response.headers).get(name, b"").decode()


def text(response: Response | None) -> str:
    """Return the body of an answer as text."""
    assert response is not None
    assert isinstance(response.body, bytes)
    return response.body.decode()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR", "br"),
        ("identity", ""),
        ("br;q=0.000", ""),
        ("", ""),
    ],
)
def test_what_was_packed_at_build_time_is_sent_to_whoever_takes_it(folder: Path, accepted: str, coding: str) -> None:
    """The best coding that the client accepts is chosen; caches are told that the answer depends on it."""
    request = a_request(headers=[("accept-encoding", accepted)])

    answer = Site(folder, "").answer(request, "/assets/main-1a.js")

    assert (header(answer, b"content-encoding"), text(answer)) == (coding, coding or "let a = 1")
    assert header(answer, b"vary") == "Accept-Encoding"
    assert header(answer, b"content-type") == "text/javascript; charset=utf-8"


def test_what_is_named_by_its_content_is_kept_for_ever(folder: Path) -> None:
    """Assets with a hash in their name are immutable; others are asked about each time."""
    site = Site(folder, "")

    asset, icon = site.answer(a_request(), "/assets/main-1a.js"), site.answer(a_request(), "/icon.svg")

    assert header(asset, b"cache-control") == "public, max-age=31536000, immutable"
    assert header(icon, b"cache-control") == "no-cache"
    assert header(icon, b"content-type") == "image/svg+xml"


def test_a_file_that_has_not_changed_is_not_sent_again(folder: Path) -> None:
    """The entity tag of another coding does not count."""
    site = Site(folder, "")
    etag = header(site.answer(a_request(), "/assets/main-1a.js"), b"etag")

    same = site.answer(a_request(headers=[("if-none-match", etag)]), "/assets/main-1a.js")
    packed = site.answer(a_request(headers=[("if-none-match", etag), ("accept-encoding", "br")]), "/assets/main-1a.js")

    assert same is not None
    assert packed is not None
    assert (same.status, packed.status) == (304, 200)


@pytest.mark.parametrize("path", ["/", "/projects/team", "/repositories/a/b/-/tags/1.0.js"])
def test_a_browser_gets_the_page_wherever_it_goes(folder: Path, path: str) -> None:
    """Every address without a file is one of the application's own."""
    answer = Site(folder, "/ui").answer(a_request(headers=[BROWSER]), path)

    assert '<base href="/ui/" />' in text(answer)
    assert header(answer, b"content-type") == "text/html; charset=utf-8"


def test_the_page_allows_styles_by_a_nonce_that_is_new_each_time(folder: Path) -> None:
    """No script but the application's own files runs, no host but this one is asked, and no page frames this one."""
    site = Site(folder, "")

    answers = [site.answer(a_request(headers=[BROWSER]), "/") for _ in range(2)]

    nonces = [re.findall(r'csp-nonce" content="([^"]+)"', text(answer)) for answer in answers]
    policies = [header(answer, b"content-security-policy") for answer in answers]
    assert nonces[0] != nonces[1]
    assert all(f"'nonce-{found[0]}'" in policy for found, policy in zip(nonces, policies, strict=True))
    assert all("script-src 'self';" in policy and "frame-ancestors 'none'" in policy for policy in policies)
    assert {header(answer, b"cache-control") for answer in answers} == {"no-store"}


@pytest.mark.parametrize("path", ["/assets/gone-2b.js", "/assets/../index.html", "/../secret"])
def test_an_asset_that_is_not_there_is_not_a_page(folder: Path, path: str) -> None:
    """A script of a former version is missed, not answered with HTML; nothing outside the folder can be named."""
    (folder.parent / "secret").write_text("secret")

    answers = [Site(folder, "").answer(a_request(headers=headers), path) for headers in ([], [BROWSER])]

    assert all(answer is None or "secret" not in text(answer) for answer in answers)
    assert answers[0] is None


def test_a_program_gets_no_page(folder: Path) -> None:
    """Whoever does not ask for HTML is told by the server that there is nothing."""
    assert Site(folder, "").answer(a_request(headers=[("accept", "*/*")]), "/projects") is None


def test_without_a_build_nothing_is_served(tmp_path: Path) -> None:
    """A checkout whose console was not built works all the same."""
    assert Site(tmp_path / "absent", "").answer(a_request(headers=[BROWSER]), "/") is None


def test_an_upgrade_in_place_takes_nothing_from_open_pages(folder: Path) -> None:
    """A server that was started before goes on serving what its page names, until it is started again."""
    site = Site(folder, "")
    (folder / "assets" / "main-1a.js").unlink()

    answer = site.answer(a_request(), "/assets/main-1a.js")

    assert text(answer) == "let a = 1"
