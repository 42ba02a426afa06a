# SPDX-License-Identifier: Apache-2.0
"""People with a phone that shows codes, or a security key."""

from dataclasses import dataclass
from typing import Any
from typing import Protocol

import pyotp

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.browsers import SESSION
from tests.builders.browsers import Browser
from tests.fakes.settable_clock import SettableClock
from tests.fakes.software_authenticator import SoftwareAuthenticator

OWN = "/api/v1/users/me/second-factors"
HOST = "localhost:5000"
ORIGIN = f"http://{HOST}"
"""Where browsers let security keys be used without TLS."""

STEP_MS = 30_000


class Sender(Protocol):
    """A client with a password, or a browser with a session."""

    async def send(self, method: str, target: str) -> Answer:
        """Send a request without a body."""

    async def get(self, target: str) -> Answer:
        """Send a GET."""

    async def post(self, target: str, document: object) -> Answer:
        """Send a POST of JSON."""


@dataclass(frozen=True, slots=True)
class Phone:
    """An app with a secret, whose clock is that of the test."""

    secret: str
    clock: SettableClock
    id: str = ""
    recovery_codes: tuple[str, ...] = ()

    def code(self, late_steps: int = 0) -> str:
        """Return what it shows, or showed or will show so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.clock() // 1000, counter_offset=late_steps)


def at(host: str, client: Client) -> Client:
    """Return the same client, asking at another address."""
    others = [header for header in client.headers if header[0] != "host"]
    return Client(client.server, (*others, ("host", host)))


async def begin_phone(sender: Sender, clock: SettableClock, name: str = "phone") -> Phone:
    """Scan the QR code."""
    begun = await sender.post(f"{OWN}/totp", {"name": name})
    assert begun.status == 201, begun.body
    return Phone(begun.json["secret"], clock, begun.json["id"])


async def set_up_phone(sender: Sender, clock: SettableClock, name: str = "phone") -> Phone:
    """Scan the QR code and type the code that the phone shows."""
    phone = await begin_phone(sender, clock, name)
    confirmed = await sender.post(f"{OWN}/totp:confirm", {"id": phone.id, "code": phone.code()})
    assert confirmed.status == 200, confirmed.body
    return Phone(phone.secret, clock, phone.id, tuple(confirmed.json["recovery_codes"]))


async def half_in(application: Application, user: str = "alice") -> Browser:
    """Return a browser that has given the right password."""
    browser = Browser(application, ("host", HOST))
    answer = await browser.log_in(user)
    assert answer.status == 201, answer.body
    return browser


async def logged_in_with(phone: Phone, application: Application, user: str = "alice") -> Browser:
    """Return a browser in which the user of a phone has logged in, once its last code was over."""
    phone.clock.advance(STEP_MS)
    browser = await half_in(application, user)
    answer = await browser.post(f"{SESSION}/second-factor", {"method": "totp", "code": phone.code()})
    assert answer.status == 200, answer.body
    return browser


async def begin_key(sender: Sender) -> Any:
    """Ask for a security key; return the id and the options that are for it."""
    begun = await sender.post(f"{OWN}/webauthn", {})
    assert begun.status == 201, begun.body
    return begun.json


async def set_up_key(sender: Sender, key: SoftwareAuthenticator, name: str = "key") -> Answer:
    """Touch the security key that is to be set up."""
    begun = await begin_key(sender)
    wanted = {"id": begun["id"], "name": name, "attestation": key.create(begun["options"])}
    return await sender.post(f"{OWN}/webauthn:confirm", wanted)
