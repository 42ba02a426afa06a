# SPDX-License-Identifier: Apache-2.0
"""A terminal types passwords where they are asked for and not shown, and tells how a command ended."""

import signal
from collections.abc import Iterator

import pytest

from tests.interop.commands import StepError
from tests.interop.readme_terminal import INTERRUPT
from tests.interop.readme_terminal import Terminal

SECONDS = 30.0
ASK = 'read -r -s -p "Password: " word; echo; echo "it was $word"'


def test_a_question_is_answered() -> None:
    """The password is typed once it is asked for and keys are not shown."""
    with Terminal(["bash", "-c", ASK], "s3cret") as terminal:
        shown = terminal.finish(SECONDS)

    assert shown == "Password: \nit was s3cret\n"


def test_every_question_is_answered() -> None:
    """A command that asks twice is answered twice."""
    with Terminal(["bash", "-c", f"{ASK}; {ASK}"], "s3cret") as terminal:
        shown = terminal.finish(SECONDS)

    assert shown.count("it was s3cret") == 2


def test_colours_are_left_out() -> None:
    """What was shown is text."""
    with Terminal(["printf", r"\033[1mname\033[0m  ada\n"]) as terminal:
        shown = terminal.finish(SECONDS)

    assert shown == "name  ada\n"


def test_a_failure_is_told_with_what_was_shown() -> None:
    """A command that fails raises an error with its status and its output."""
    failing = Terminal(["bash", "-c", "echo because; exit 3"])

    with failing as terminal, pytest.raises(StepError, match=r"status 3:\nbecause"):
        terminal.finish(SECONDS)


def test_a_command_that_ends_early_is_told() -> None:
    """Waiting for words that never come ends with the command."""
    with Terminal(["echo", "something else"]) as terminal, pytest.raises(StepError, match="ended before"):
        terminal.wait_for("ready", SECONDS)


@pytest.fixture
def deaf() -> Iterator[None]:
    """Ignore Ctrl-C, as what runs in the background of a script does, and what it starts."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("deaf")
def test_keys_reach_the_command() -> None:
    """Ctrl-C interrupts what runs in the terminal."""
    with Terminal(["bash", "-c", "echo ready; exec sleep 60"]) as terminal:
        terminal.wait_for("ready", SECONDS)
        terminal.type(INTERRUPT)
        shown = terminal.finish(SECONDS, statuses=(-signal.SIGINT,))

    assert shown == "ready\n^C"
