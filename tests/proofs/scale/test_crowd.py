# SPDX-License-Identifier: Apache-2.0
"""What the clients of the load tell of refusals, and what processors have done."""

import subprocess
import sys

import pytest

from tests.scale.crowd import Told
from tests.scale.crowd import refusal
from tests.scale.processors import SELF
from tests.scale.processors import processor_seconds


@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        ({"x-request-id": "1"}, b'{"errors": [{"message": "waited 30 s"}]}', "a node: waited … s"),
        ({"x-request-id": "1"}, b'{"detail": "too many logins"}', "a node: too many logins"),
        ({}, b"<html>503 Service Unavailable", "the balancer: <html>… Service Unavailable"),
        ({}, b"[]", "the balancer: []"),
    ],
)
def test_a_refusal_says_who_refused_and_why(headers: dict[str, str], body: bytes, told: str) -> None:
    """Without numbers, so that equal ones are counted together."""
    assert refusal(headers, body) == told


def test_what_is_not_answered_failed() -> None:
    """So did what was refused."""
    told = Told()
    for status in (200, 201, 0, 403, 503):
        told.note("pull", 0.0, status)

    assert told.failures == 3


def test_programs_are_told_apart() -> None:
    """What this process did itself, and what each program that it has started."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        names = processor_seconds()
        program.communicate(b"\n")

    assert names[SELF] > 0
    assert any(name.startswith("python") for name in names)
