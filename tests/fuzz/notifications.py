# SPDX-License-Identifier: Apache-2.0
"""Targets: addresses that mail is sent to, lines of headers, and time zones."""

from datetime import datetime

from entrepot.features.notifications.digests import parse_time_zone
from entrepot.infra.mail.addresses import parse_mail_address
from entrepot.infra.mail.message import one_line
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

ADDRESSES = near("ada@example.org", "a.b+c@xn--4ca.example", "\r\nBcc: eve@example.org")
LINES = near("Subject", "\r\nBcc: eve@example.org", "a\u2028b\0")


def _address(text: str) -> None:
    address = parse_mail_address(text)
    assert parse_mail_address(address) == address
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address


def _line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()
    line.encode()


def _zone(name: str) -> None:
    assert datetime(2026, 7, 1, tzinfo=parse_time_zone(name)).utcoffset() is not None


TARGETS: tuple[Target, ...] = (
    target("address for mail", parse_mail_address, ADDRESSES, _address),
    target("line of a mail", one_line, LINES, _line),
    target("time zone", parse_time_zone, near("UTC", "Europe/Berlin", "../../etc/passwd"), _zone),
)
