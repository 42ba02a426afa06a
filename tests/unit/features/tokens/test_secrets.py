# SPDX-License-Identifier: Apache-2.0
"""Secrets stay secret, through a whole login."""

import logging
from collections.abc import Iterable
from pathlib import Path

import pytest
from pwdlib import PasswordHash

from entrepot.features.identity import bootstrap
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import load_key_ring
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.kernel.errors import AppError
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse battery staple"


def shown(things: Iterable[object]) -> str:
    """Return all that a log line or a traceback would print of these."""
    return "\n".join(f"{thing!r} {thing} {getattr(thing, '__dict__', '')}" for thing in things)


async def test_a_login_leaves_no_secret_in_logs_and_texts(instance: Instance, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the password nor the token is in a log record, in an error or in what an object prints."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(AppError) as refusal:
        await instance.accounts.authenticate("admin", PASSWORD)
    principal = await instance.authenticator.log_in("")
    answer = await instance.tokens.issue(principal, parse_scopes(["repository:team/app:pull"]))
    with pytest.raises(AppError) as tampered:
        instance.tokens.verify(answer.token[:-1])

    text = caplog.text + shown([refusal.value, tampered.value, answer, principal, instance.tokens.verify(answer.token)])
    assert PASSWORD not in text
    assert answer.token.rpartition(".")[2][:-1] not in text


def test_starting_up_leaves_no_secret_in_logs_and_texts(
    instance: Instance, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first administrator's password and the keys stand in their files and nowhere else."""
    caplog.set_level(logging.DEBUG)
    instance.end_signing_keys()
    key = load_instance_key(tmp_path)
    ring = load_key_ring(instance.database, key, instance.clock)
    created = bootstrap(instance.database, PasswordHash((instance.hasher,)), PASSWORD, tmp_path, instance.clock)

    text = caplog.text + shown([key, ring, created])
    assert PASSWORD not in text
    assert (tmp_path / "instance.key").read_text().strip() not in text
