# SPDX-License-Identifier: Apache-2.0
"""Secrets stay secret, through a whole login."""

import asyncio
import logging
from collections.abc import Awaitable
from collections.abc import Iterable
from pathlib import Path

import pytest
from pwdlib import PasswordHash

from entrepot.features.identity import bootstrap
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.schemas import NewTokenView
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.kernel.access import Credentials
from entrepot.kernel.errors import AppError
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ADDRESS = "192.0.2.1"
PASSWORD = "correct horse battery staple"


def shown(things: Iterable[object]) -> str:
    """Return all that a log line or a traceback would print of these."""
    return "\n".join(f"{thing!r} {thing} {getattr(thing, '__dict__', '')}" for thing in things)


async def test_a_login_leaves_no_secret_in_logs_and_texts(instance: Instance, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the password nor the token is in a log record, in an error or in what an object prints."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(AppError) as refusal:
        await instance.accounts.authenticate("admin", PASSWORD, ADDRESS)
    principal = await instance.authenticator.log_in("", ADDRESS)
    answer = await instance.tokens.issue(principal, parse_scopes(["repository:team/app:pull"]))
    with pytest.raises(AppError) as tampered:
        await instance.tokens.verify(answer.token[:-1])
    bearer = await instance.tokens.verify(answer.token)

    text = caplog.text + shown([refusal.value, tampered.value, answer, principal, bearer])
    assert PASSWORD not in text
    assert answer.token.rpartition(".")[2][:-1] not in text


@pytest.mark.parametrize("ends", [False, True])
async def test_a_token_leaves_no_secret_in_logs_and_texts(
    instance: Instance, caplog: pytest.LogCaptureFixture, ends: bool
) -> None:
    """Neither the secret of a robot nor a refresh token is there, used or refused, nor are their digests."""
    caplog.set_level(logging.DEBUG)
    await asyncio.to_thread(instance.add_robot, "team.ci")
    issued = await asyncio.to_thread(instance.add_secret, "robot:team.ci")
    principal = await instance.credentials.authenticate("team.ci", issued.secret, ADDRESS)
    refresh_token = await instance.refresh_tokens.issue(principal)
    if ends:
        await asyncio.to_thread(instance.revoke, issued)
    presented = read_secret(issued.secret)
    told = [issued, issued.credential, principal, presented, repr(NewTokenView.just_made(issued))]
    for attempt in attempts(instance, issued.secret, refresh_token):
        try:
            told.append(await attempt)
        except AppError as error:
            told += [error, error.hint, error.detail, error.headers]

    text = caplog.text + shown(told)
    for secret in (issued.secret, refresh_token):
        assert secret.rpartition("_")[2] not in text
        assert repr(digest_of_secret(secret))[2:-1] not in text


def attempts(instance: Instance, secret: str, refresh_token: str) -> list[Awaitable[object]]:
    """Use secrets rightly and wrongly."""
    return [
        instance.credentials.authenticate("team.ci", secret, ADDRESS),
        instance.credentials.authenticate("bob", secret, ADDRESS),
        instance.credentials.authenticate("team.ci", refresh_token, ADDRESS),
        instance.authenticator.authenticate(Credentials(f"Bearer {secret}", ADDRESS)),
        instance.authenticator.authenticate(Credentials(f"Bearer {secret}x", ADDRESS)),
        instance.authenticator.log_in(f"Token {secret}", ADDRESS),
        instance.refresh_tokens.redeem(refresh_token),
        instance.refresh_tokens.redeem(secret),
    ]


def test_starting_up_leaves_no_secret_in_logs_and_texts(
    instance: Instance, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first administrator's password and the keys stand in their files and nowhere else."""
    caplog.set_level(logging.DEBUG)
    instance.end_signing_keys()
    key = load_instance_key(tmp_path)
    keys = load_signing_keys(instance.database, key, instance.clock)
    created = bootstrap(instance.database, PasswordHash((instance.hasher,)), PASSWORD, tmp_path, instance.clock)

    text = caplog.text + shown([key, keys, keys.ring, keys.ring.signer, created])
    assert PASSWORD not in text
    assert (tmp_path / "instance.key").read_text().strip() not in text
