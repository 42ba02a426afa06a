# SPDX-License-Identifier: Apache-2.0
"""The authority that a server makes for itself, and the certificate that it renews."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entrepot.infra.http.tls.authority import LEAF_MS
from entrepot.infra.http.tls.authority import LocalAuthority
from entrepot.infra.http.tls.authority import first_certificate
from entrepot.infra.http.tls.folder import only_one
from entrepot.infra.http.tls.live import LiveCertificate
from entrepot.infra.http.tls.pair import CertificateUnusable
from entrepot.infra.http.tls.pair import names_of
from entrepot.infra.http.tls.pair import read_certificate
from entrepot.infra.http.tls.signing import key_pem
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import system_clock
from tests.fakes.settable_clock import SettableClock
from tests.unit.infra.http.tls.made import authority
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import pem
from tests.unit.infra.http.tls.made import place

NAMES = ("localhost", "127.0.0.1", "::1", "registry.test")
TWO_THIRDS_MS = LEAF_MS * 2 // 3


def serial(local: LocalAuthority) -> int:
    """Return the serial number of the certificate in place."""
    certificate = first_certificate(local.pair.cert)
    assert certificate is not None
    return certificate.serial_number


def shake_hands(server: ssl.SSLContext, trusted: bytes, name: str) -> str:
    """Connect in memory and return what the client says of the server's certificate; empty when it is satisfied."""
    towards, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cadata=trusted.decode()).wrap_bio(back, towards, server_hostname=name)
    other = server.wrap_bio(towards, back, server_side=True)
    for _ in range(3):
        for side in (client, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
    return ""


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    """The authority's certificate is for everybody."""
    LocalAuthority(tmp_path / "tls", NAMES, system_clock).prepare()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}

    assert modes == {"ca.crt": 0o644, "ca.key": 0o600, "server.pem": 0o600, "lock": 0o600}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", NAMES)
def test_clients_that_trust_the_authority_accept_the_server(tmp_path: Path, name: str) -> None:
    """By each of its names and addresses, and with nothing to warn of."""
    local = LocalAuthority(tmp_path, NAMES, system_clock)
    local.prepare()
    live = LiveCertificate(local.pair, system_clock)

    assert shake_hands(live.context, local.path.read_bytes(), name) == ""
    assert live.warnings == ()


@pytest.mark.parametrize(("name", "said"), [("registry.test", ""), ("bank.test", "permitted subtree violation")])
def test_the_authority_can_sign_for_no_other_name(tmp_path: Path, name: str, said: str) -> None:
    """Clients refuse what its key signs for another: whoever steals it can pose as this registry only."""
    stolen = authority("registry.test")
    live = LiveCertificate(place(tmp_path, leaf(stolen, name), stolen), system_clock)

    assert shake_hands(live.context, pem(stolen.certificate), name) == said


def test_a_second_start_keeps_both(tmp_path: Path) -> None:
    """Clients go on trusting what they trust."""
    local = LocalAuthority(tmp_path, NAMES, system_clock)
    local.prepare()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    LocalAuthority(tmp_path, NAMES, system_clock).prepare()

    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_several_processes_share_one_authority(tmp_path: Path) -> None:
    """However many start at once, there is one authority, and one certificate of it."""
    locals_ = [LocalAuthority(tmp_path, NAMES, system_clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        left_out = list(pool.map(LocalAuthority.prepare, locals_))
        seen = list(pool.map(serial, locals_))

    assert left_out == [()] * 8
    assert len(set(seen)) == 1
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("after_ms", "is_renewed"), [(TWO_THIRDS_MS - DAY_MS, False), (TWO_THIRDS_MS + DAY_MS, True), (-DAY_MS, True)]
)
def test_the_certificate_is_renewed_at_two_thirds_of_its_life(tmp_path: Path, after_ms: int, is_renewed: bool) -> None:
    """And when the clock was set back to before it."""
    clock = SettableClock()
    local = LocalAuthority(tmp_path, NAMES, clock)
    local.prepare()
    before = serial(local)
    clock.advance(after_ms)
    local.renew_if_due()

    assert (serial(local) != before) is is_renewed
    assert names_of(read_certificate(local.pair, clock()).leaf) == set(NAMES)


def test_one_of_several_processes_renews(tmp_path: Path) -> None:
    """While another is at it, nothing is done; the others find that it is done."""
    clock = SettableClock()
    locals_ = [LocalAuthority(tmp_path, NAMES, clock) for _ in range(4)]
    locals_[0].prepare()
    before = serial(locals_[0])
    clock.advance(TWO_THIRDS_MS + DAY_MS)
    with only_one(tmp_path, waits=True):
        locals_[0].renew_if_due()
        during = serial(locals_[0])
    locals_[1].renew_if_due()
    first = serial(locals_[1])
    for local in locals_:
        local.renew_if_due()

    assert during == before != first == serial(locals_[3])


def test_a_running_server_shows_the_renewed_certificate(tmp_path: Path) -> None:
    """What is renewed is taken at the next look."""
    clock = SettableClock()
    local = LocalAuthority(tmp_path, NAMES, clock)
    local.prepare()
    live = LiveCertificate(local.pair, clock)
    clock.advance(TWO_THIRDS_MS + DAY_MS)
    local.renew_if_due()
    live.reload_if_changed()

    assert live.seconds_left == LEAF_MS // 1_000


def test_a_name_that_is_no_longer_wanted_leaves_the_certificate(tmp_path: Path) -> None:
    """The authority stays."""
    LocalAuthority(tmp_path, NAMES, system_clock).prepare()
    trusted = (tmp_path / "ca.crt").read_bytes()
    fewer = LocalAuthority(tmp_path, ("localhost",), system_clock)

    assert fewer.prepare() == ()
    assert names_of(read_certificate(fewer.pair, system_clock()).leaf) == {"localhost"}
    assert (tmp_path / "ca.crt").read_bytes() == trusted


def test_a_name_that_the_authority_was_not_made_for_is_left_out(tmp_path: Path) -> None:
    """It is said which; names below one of its own are its own."""
    LocalAuthority(tmp_path, ("localhost", "test"), system_clock).prepare()
    more = LocalAuthority(tmp_path, ("localhost", "registry.test", "10.0.0.1", "other"), system_clock)

    assert more.prepare() == ("10.0.0.1", "other")
    assert names_of(read_certificate(more.pair, system_clock()).leaf) == {"localhost", "registry.test"}


def test_an_authority_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    """With a certificate of its own."""
    local = LocalAuthority(tmp_path, NAMES, system_clock)
    local.prepare()
    (tmp_path / "ca.crt").unlink()
    local.prepare()

    live = LiveCertificate(local.pair, system_clock)
    assert shake_hands(live.context, local.path.read_bytes(), "localhost") == ""


@pytest.mark.parametrize("content", [None, b"", b"no key"])
def test_an_authority_without_its_key_is_told_of(tmp_path: Path, content: bytes | None) -> None:
    """What to restore, or to remove, is said."""
    local = LocalAuthority(tmp_path, NAMES, system_clock)
    local.prepare()
    (tmp_path / "ca.key").unlink()
    if content is not None:
        (tmp_path / "ca.key").write_bytes(content)
    (tmp_path / "server.pem").unlink()

    with pytest.raises(CertificateUnusable) as caught:
        local.prepare()
    assert "ca.key" in caught.value.message
    assert "Restore" in caught.value.hint


def test_an_authority_with_the_key_of_another_is_told_of(tmp_path: Path) -> None:
    """Nothing is signed that nobody would accept."""
    local = LocalAuthority(tmp_path, NAMES, system_clock)
    local.prepare()
    (tmp_path / "ca.key").write_bytes(key_pem(authority("localhost").key))

    with pytest.raises(CertificateUnusable, match="is not the key of"):
        local.prepare()
