# SPDX-License-Identifier: Apache-2.0
"""Certificates ordered from an authority that is a fake, and kept when it fails."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from structlog.typing import EventDict

from entrepot.infra.http.tls.acme_client import OrderFailed
from entrepot.infra.http.tls.acme_client import order_certificate
from entrepot.infra.http.tls.folder import only_one
from entrepot.infra.http.tls.live import LiveCertificate
from entrepot.infra.http.tls.ordered import OrderedCertificate
from entrepot.infra.http.tls.settings import AcmeSettings
from entrepot.infra.http.tls.signing import Life
from entrepot.infra.http.tls.signing import key_pem
from entrepot.infra.http.tls.signing import make_authority
from entrepot.infra.http.tls.signing import make_leaf
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from tests.fakes.settable_clock import SettableClock
from tests.server import free_port
from tests.unit.infra.http.tls.made import pem

HOST = "registry.test"
SETTINGS = AcmeSettings(directory="https://authority.test/directory", hosts=frozenset({HOST}), agree_terms=True)
LIFE_MS = 90 * DAY_MS


class FakeAuthority:
    """Signs what it is asked to, for 90 days, unless it is told to fail."""

    def __init__(self, clock: SettableClock) -> None:
        self.clock = clock
        self.fails = False
        self.accounts: list[bytes] = []
        self.answers: list[str] = []
        self._signer = make_authority("Fake authority", [HOST], Life.of(clock(), 400 * DAY_MS))

    def __call__(
        self, settings: AcmeSettings, account_key: bytes, request: bytes, publish: Callable[[str, str], None]
    ) -> bytes:
        """Take an order."""
        self.accounts.append(account_key)
        publish("token", "answer")
        if self.fails:
            raise OrderFailed("the authority is closed today", hint="Come back tomorrow.")
        return pem(self._sign(x509.load_pem_x509_csr(request)), self._signer.certificate)

    def _sign(self, request: x509.CertificateSigningRequest) -> x509.Certificate:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        life = Life.of(self.clock(), LIFE_MS)
        template = make_leaf(names.get_values_for_type(x509.DNSName), life, self._signer).certificate
        builder = x509.CertificateBuilder(
            issuer_name=template.issuer,
            subject_name=template.subject,
            public_key=request.public_key(),
            serial_number=template.serial_number,
            not_valid_before=template.not_valid_before_utc,
            not_valid_after=template.not_valid_after_utc,
            extensions=list(template.extensions),
        )
        return builder.sign(self._signer.key, SHA256())


@pytest.fixture
def authority() -> FakeAuthority:
    """An authority that signs."""
    return FakeAuthority(SettableClock())


@pytest.fixture
def ordered(tmp_path: Path, authority: FakeAuthority, logged: list[EventDict]) -> OrderedCertificate:
    """A certificate that was never ordered yet."""
    made = OrderedCertificate(tmp_path, SETTINGS, authority, authority.clock)
    made.prepare()
    return made


def test_a_server_starts_without_a_certificate_and_gets_one(
    ordered: OrderedCertificate, authority: FakeAuthority
) -> None:
    """What it starts with is its own; what was ordered is taken while it runs."""
    live = LiveCertificate(ordered.pair, authority.clock)
    was_awaited = ordered.is_awaited
    ordered.renew_if_due()
    live.reload_if_changed()

    assert (was_awaited, ordered.is_awaited) == (True, False)
    assert live.names == {HOST}
    assert live.seconds_left == LIFE_MS // 1_000
    assert ordered.pair.key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_not_ordered_twice(ordered: OrderedCertificate, authority: FakeAuthority) -> None:
    """However often it is looked at."""
    for _ in range(3):
        ordered.renew_if_due()

    assert len(authority.accounts) == 1


def test_a_certificate_is_renewed_after_two_thirds_of_its_life(
    ordered: OrderedCertificate, authority: FakeAuthority
) -> None:
    """With the same account, and not all servers at once."""
    ordered.renew_if_due()
    authority.clock.advance(LIFE_MS * 2 // 3 - DAY_MS)
    ordered.renew_if_due()
    early = len(authority.accounts)
    authority.clock.advance(DAY_MS + LIFE_MS // 20)
    ordered.renew_if_due()

    assert (early, len(authority.accounts)) == (1, 2)
    assert len(set(authority.accounts)) == 1


def test_another_list_of_hosts_orders_anew(
    ordered: OrderedCertificate, authority: FakeAuthority, tmp_path: Path
) -> None:
    """The account stays."""
    ordered.renew_if_due()
    settings = SETTINGS.model_copy(update={"hosts": frozenset({HOST, "WWW.registry.test"})})
    other = OrderedCertificate(tmp_path, settings, authority, authority.clock)
    other.prepare()
    other.renew_if_due()

    assert LiveCertificate(other.pair, authority.clock).names == {HOST, "www.registry.test"}
    assert len(set(authority.accounts)) == 1


def test_a_failure_keeps_the_certificate_and_says_what_to_do(
    ordered: OrderedCertificate, authority: FakeAuthority, logged: list[EventDict]
) -> None:
    """The log has cause, next step and the time of the next try; no answer to a challenge is left."""
    ordered.renew_if_due()
    before = ordered.pair.cert.read_bytes()
    authority.clock.advance(LIFE_MS - DAY_MS)
    authority.fails = True
    ordered.renew_if_due()

    assert ordered.pair.cert.read_bytes() == before
    assert ordered.challenges.answer("token") is None
    assert {"reason", "next_step", "next_try_at"} <= logged[-1].keys()


def test_failures_make_the_tries_rare(ordered: OrderedCertificate, authority: FakeAuthority) -> None:
    """A minute at first, six hours in the end; another process and the next start keep to it."""
    authority.fails = True
    for _ in range(24 * 60):
        ordered.renew_if_due()
        authority.clock.advance(MINUTE_MS)

    assert 7 <= len(authority.accounts) <= 10


def test_a_success_ends_the_waiting(ordered: OrderedCertificate, authority: FakeAuthority) -> None:
    """The next failure counts as the first."""
    authority.fails = True
    ordered.renew_if_due()
    authority.fails = False
    authority.clock.advance(HOUR_MS)
    ordered.renew_if_due()

    assert not ordered.is_awaited
    assert not list(ordered.pair.cert.parent.glob("failures.json"))


def test_a_clock_that_was_far_ahead_does_not_hold_orders_back(
    ordered: OrderedCertificate, authority: FakeAuthority
) -> None:
    """A time of the next try that lies further ahead than any pause is not believed."""
    authority.fails = True
    authority.clock.advance(365 * DAY_MS)
    ordered.renew_if_due()
    authority.clock.advance(-365 * DAY_MS)
    authority.fails = False
    ordered.renew_if_due()

    assert not ordered.is_awaited


def test_one_of_several_processes_orders(ordered: OrderedCertificate, authority: FakeAuthority) -> None:
    """While another has the lock, nothing is ordered."""
    with only_one(ordered.pair.cert.parent, waits=True):
        ordered.renew_if_due()

    assert authority.accounts == []


def test_a_broken_certificate_is_replaced_at_the_start(ordered: OrderedCertificate, authority: FakeAuthority) -> None:
    """By one of its own, until the order succeeds."""
    ordered.pair.cert.write_bytes(b"broken")
    ordered.prepare()

    assert LiveCertificate(ordered.pair, authority.clock).names == {HOST}
    assert ordered.is_awaited


def test_an_authority_that_cannot_be_reached_is_told_of() -> None:
    """The error of the real client names the setting to look at."""
    settings = SETTINGS.model_copy(update={"directory": f"https://127.0.0.1:{free_port()}/directory"})
    key = key_pem(make_authority("Unused", [HOST], Life.of(SettableClock()(), DAY_MS)).key)

    with pytest.raises(OrderFailed, match="cannot be reached") as caught:
        order_certificate(settings, key, b"", lambda _token, _answer: None)
    assert "server.tls.acme.directory" in caught.value.hint
