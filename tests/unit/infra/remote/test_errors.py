# SPDX-License-Identifier: Apache-2.0
"""What a refusal is turned into."""

import json
from email.message import Message

import pytest

from entrepot.infra.remote.errors import NoSuchServer
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.errors import refusal
from entrepot.kernel.errors import AppError

URL = "https://registry.example"


def refused(status: int, told: object, *, is_by_token: bool = True) -> AppError:
    """Return the error of an answer."""
    return refusal(URL, status, Message(), json.dumps(told).encode(), is_by_token=is_by_token)


def test_a_problem_is_told_in_the_words_of_the_server() -> None:
    """Its detail, its hint and its code (RFC 9457)."""
    error = refused(409, {"code": "quota", "detail": "it is full", "hint": "Delete something."})

    assert isinstance(error, ServerRefused)
    assert (error.message, error.hint, error.reason) == ("it is full", "Delete something.", "quota")


def test_errors_of_the_distribution_api_are_told_too() -> None:
    """They are a list, and their codes are in capitals."""
    error = refused(404, {"errors": [{"code": "NAME_UNKNOWN", "message": "there is none"}]})

    assert (error.message, error.hint) == ("there is none", "entrepot repo list shows those that you may pull from.")


def test_a_token_that_is_no_longer_good_asks_for_another_login() -> None:
    """Where a password was just given, the hint of the server stays."""
    told = {"code": "unauthenticated", "detail": "wrong", "hint": "Check both."}

    assert refused(401, told).hint.startswith(f"Log in again: entrepot login {URL}.")
    assert refused(401, told, is_by_token=False).hint == "Check both."


def test_a_failure_names_its_request() -> None:
    """So that it can be found in the log of the server."""
    assert refused(500, {"detail": "it failed", "request_id": "abc"}).message == "it failed (request abc)"


@pytest.mark.parametrize("told", [None, [], {}, {"errors": []}, {"errors": ["text"]}, {"detail": None}])
def test_an_answer_without_words_is_told_as_such(told: object) -> None:
    """From a client's mistake one learns that this is no Entrepot; a failure may pass."""
    assert isinstance(refused(404, told), NoSuchServer)
    failed = refused(502, told)
    assert isinstance(failed, ServerRefused)
    assert failed.hint.startswith("Try again shortly.")
