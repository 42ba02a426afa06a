# SPDX-License-Identifier: Apache-2.0
"""What a line of the log looks like."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
import structlog

from entrepot.infra.telemetry.logs import configure_logs
from entrepot.infra.telemetry.settings import LogSettings
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import current_facts

SECRET = "ent_0" + "s" * 43


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the logging of the test run as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@contextmanager
def a_request() -> Iterator[str]:
    """Answer a request; yields its id."""
    facts = RequestFacts()
    before = current_facts.set(facts)
    yield facts.request_id
    current_facts.reset(before)


@pytest.mark.parametrize("format", ["json", "auto"])
def test_a_line_is_one_json_object(format: Literal["json", "auto"], capsys: pytest.CaptureFixture[str]) -> None:
    """Away from a terminal, a line is an object with its event, its level and the time in UTC."""
    configure_logs(LogSettings(format=format))
    structlog.get_logger("test").info("it_happened", path="/v2/\x1b[31m\n")
    event = json.loads(capsys.readouterr().err)

    assert (event["event"], event["level"], event["path"]) == ("it_happened", "info", "/v2/\x1b[31m\n")
    assert event["timestamp"].endswith("Z")
    assert "request_id" not in event


def test_a_line_of_a_request_carries_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has to pass the id along."""
    configure_logs(LogSettings(format="json"))
    with a_request() as request_id:
        structlog.get_logger("test").warning("it_happened")
        logging.getLogger("library").warning("so it did")
    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())

    assert ours["request_id"] == theirs["request_id"] == request_id


def test_a_line_for_people_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What a client sent neither begins a line of its own nor colours the terminal."""
    configure_logs(LogSettings(format="console"))
    structlog.get_logger("test").info("it_happened", path="/v2/\x1b[31m\n2026 [error] forged\u2028\x9b")
    text = capsys.readouterr().err

    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert "forged" in text
    assert text.rstrip().isprintable()


@pytest.mark.parametrize("format", ["json", "console"])
def test_an_exception_is_told_without_its_secrets(
    format: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback is part of the line, and neither messages nor local variables in it give a secret away."""
    configure_logs(LogSettings(format=format))
    password = "correct horse battery staple"
    try:
        raise ValueError(f"{len(password)} {SECRET}")
    except ValueError:
        structlog.get_logger("test").exception("it_failed")
    text = capsys.readouterr().err

    assert "ValueError: 28 [redacted]" in text
    assert SECRET not in text
    assert "'correct horse" not in text.replace('password = "correct horse', "")


def test_what_is_less_severe_than_configured_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """`logs.level` is the least severe event that is written, of libraries too."""
    configure_logs(LogSettings(format="json", level="error"))
    structlog.get_logger("test").warning("it_happened")
    logging.getLogger("library").warning("it happened")
    structlog.get_logger("test").error("it_failed")

    assert json.loads(capsys.readouterr().err)["event"] == "it_failed"


def test_what_libraries_say_takes_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's warning is an event like ours, redacted too; its chatter is not logged."""
    configure_logs(LogSettings(format="json", level="debug"))
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("connecting with %s", SECRET)
    event = json.loads(capsys.readouterr().err)

    assert (event["event"], event["level"]) == ("connecting with [redacted]", "warning")
