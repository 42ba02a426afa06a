# SPDX-License-Identifier: Apache-2.0
"""Certificates replaced under connections on a loopback socket."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import pytest
from structlog.typing import EventDict

from entrepot.infra.http.tls.live import CertificateEnds
from entrepot.infra.http.tls.live import LiveCertificate
from entrepot.infra.http.tls.live import kept_fresh
from entrepot.infra.http.tls.pair import Pair
from entrepot.infra.http.tls.signing import key_pem
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import system_clock
from tests.fakes.settable_clock import SettableClock
from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.site import HOST
from tests.unit.infra.http.serving.site import PATIENCE_SECONDS
from tests.unit.infra.http.serving.site import Peer
from tests.unit.infra.http.serving.site import Site
from tests.unit.infra.http.serving.site import serving
from tests.unit.infra.http.tls.made import authority
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import pem
from tests.unit.infra.http.tls.made import place

pytestmark = pytest.mark.anyio

ISSUER = authority("localhost", "127.0.0.1")
GET = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


@asynccontextmanager
async def peer(site: Site, context: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """Connect with TLS, verifying the server."""
    if context is None:
        context = ssl.create_default_context(cadata=pem(ISSUER.certificate).decode())
    reader, writer = await asyncio.open_connection(HOST, site.port, ssl=context, server_hostname="localhost")
    try:
        yield Peer(reader, writer)
    finally:
        writer.transport.abort()


async def serial(site: Site) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    async with peer(site) as shown:
        return int(shown.writer.get_extra_info("peercert")["serialNumber"], 16)


async def test_a_new_certificate_is_shown_while_an_upload_goes_on(tmp_path: Path) -> None:
    """The upload began before the files were replaced and ends after; a new connection gets the new certificate."""
    old, new, application = leaf(ISSUER), leaf(ISSUER), Recorder()
    live = await asyncio.to_thread(LiveCertificate, place(tmp_path, old), system_clock)
    async with serving(application, tls=live.context) as site, peer(site) as uploading:
        await uploading.send(b"PUT / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nab")
        before = await serial(site)
        place(tmp_path, new)
        await asyncio.to_thread(live.reload_if_changed)
        after = await serial(site)
        answer = await uploading.ask(b"cd")

    assert (before, after) == (old.certificate.serial_number, new.certificate.serial_number)
    assert answer.body == b"/=abcd"


async def test_files_are_looked_at_again_and_again(tmp_path: Path) -> None:
    """A thread of its own renews and takes what was replaced, until the server ends."""
    new, looked = leaf(ISSUER), Event()
    live = await asyncio.to_thread(LiveCertificate, place(tmp_path, leaf(ISSUER)), system_clock)
    async with serving(Recorder(), tls=live.context) as site:
        with kept_fresh(live, looked.set, poll_seconds=0.01):
            place(tmp_path, new)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await serial(site) != new.certificate.serial_number:
                    pass

    assert looked.is_set()


def test_the_server_speaks_no_tls_before_1_2(tmp_path: Path) -> None:
    """A client that offers TLS 1.1 at most, with any cipher, is refused for the version."""
    live = LiveCertificate(place(tmp_path, leaf(ISSUER)), system_clock)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    towards, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(back, towards).do_handshake()

    with pytest.raises(ssl.SSLError) as caught:
        live.context.wrap_bio(towards, back, server_side=True).do_handshake()
    assert caught.value.reason == "UNSUPPORTED_PROTOCOL"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_server_speaks_tls_1_2_and_1_3(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """With forward secrecy, and HTTP/1.1 by ALPN."""
    live = await asyncio.to_thread(LiveCertificate, place(tmp_path, leaf(ISSUER)), system_clock)
    context = ssl.create_default_context(cadata=pem(ISSUER.certificate).decode())
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with serving(Recorder(), tls=live.context) as site, peer(site, context) as talking:
        answer = await talking.ask(GET)
        spoken = talking.writer.get_extra_info("ssl_object")

    assert (answer.status, spoken.selected_alpn_protocol()) == (200, "http/1.1")
    assert spoken.cipher()[0].startswith(("ECDHE-", "TLS_"))


async def test_the_application_knows_that_it_is_https(tmp_path: Path) -> None:
    """The scheme of a request is that of its connection."""
    schemes: list[str] = []

    async def tell(scope, receive, send):  # type: ignore[no-untyped-def] # an ASGI application
        schemes.append(scope["scheme"])
        await Recorder()(scope, receive, send)

    live = await asyncio.to_thread(LiveCertificate, place(tmp_path, leaf(ISSUER)), system_clock)
    async with serving(tell, tls=live.context) as site, peer(site) as talking:
        await talking.ask(GET)

    assert schemes == ["https"]


def test_files_replaced_one_after_another_are_taken_together(tmp_path: Path, logged: list[EventDict]) -> None:
    """Between the two the old certificate stays, and nothing is said."""
    new = leaf(ISSUER)
    pair = place(tmp_path, leaf(ISSUER))
    live = LiveCertificate(pair, system_clock)
    pair.key.write_bytes(key_pem(new.key))
    live.reload_if_changed()
    between = list(logged)
    pair.cert.write_bytes(pem(new.certificate, ISSUER.certificate))
    live.reload_if_changed()

    assert between == []
    assert [entry["event"] for entry in logged] == ["tls.certificate_replaced"]


def test_a_broken_file_is_told_of_once_and_the_old_certificate_stays(tmp_path: Path, logged: list[EventDict]) -> None:
    """It is told at the second look, with the next step; a file put right is taken."""
    old = leaf(ISSUER)
    pair = place(tmp_path, old, ISSUER)
    live = LiveCertificate(pair, system_clock)
    pair.cert.write_bytes(b"broken")
    for _ in range(4):
        live.reload_if_changed()
    kept = live._current.leaf
    place(tmp_path, leaf(ISSUER), ISSUER)
    live.reload_if_changed()

    assert kept == old.certificate
    assert [entry["event"] for entry in logged] == ["tls.certificate_kept", "tls.certificate_replaced"]
    assert "holds no certificate" in logged[0]["reason"]


def test_a_file_that_goes_away_and_comes_back_changes_nothing(tmp_path: Path) -> None:
    """The certificate that was read is served on."""
    old = leaf(ISSUER)
    pair = place(tmp_path, old)
    live = LiveCertificate(pair, system_clock)
    pair.key.unlink()
    live.reload_if_changed()

    assert live._current.leaf == old.certificate


def test_a_link_that_is_pointed_elsewhere_is_followed(tmp_path: Path) -> None:
    """Secrets are mounted as links, which are replaced as one."""
    new = leaf(ISSUER)
    place(tmp_path / "first", leaf(ISSUER))
    place(tmp_path / "second", new)
    link = tmp_path / "current"
    link.symlink_to("first")
    pair = Pair(link / "cert.pem", link / "key.pem")
    live = LiveCertificate(pair, system_clock)
    link.unlink()
    link.symlink_to("second")
    live.reload_if_changed()

    assert live._current.leaf == new.certificate


@pytest.mark.parametrize(("after_ms", "is_well"), [(0, True), (DAY_MS - HOUR_MS, False), (-DAY_MS, False)])
async def test_a_certificate_near_its_end_is_told_of(tmp_path: Path, after_ms: int, is_well: bool) -> None:
    """The check passes in the first five sixths of its life only, and the time left is counted in seconds."""
    clock = SettableClock(system_clock())
    live = await asyncio.to_thread(LiveCertificate, place(tmp_path, leaf(ISSUER)), clock)
    clock.advance(after_ms)
    try:
        await live.check()
        found = True
    except CertificateEnds:
        found = False

    assert found is is_well
    assert abs(live.seconds_left - (DAY_MS - after_ms) // 1_000) <= 1
