# SPDX-License-Identifier: Apache-2.0
"""Who may speak to an S3: keys that are given, taken back and let expire while it runs."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime

from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.answers import element

STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
LEAST_SECONDS, MOST_SECONDS = 900, 43_200


@dataclass(frozen=True, slots=True)
class Account:
    """A key and its secret; temporary ones have a session token, and a moment in seconds at which they end."""

    key_id: str
    secret: str
    token: str = ""
    ends: float | None = None


OWNER = Account("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
"""Who may speak to every fake from its start."""


class Accounts:
    """All keys that are known, by their ids."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known = {OWNER.key_id: OWNER}
        self._numbers = itertools.count(1)

    def add(self, account: Account) -> Account:
        """Know a key from now on."""
        self._known[account.key_id] = account
        return account

    def add_temporary(self, seconds: float) -> Account:
        """Make a key with a session token that ends after so many seconds."""
        key_id = f"ASIATEMPORARY{next(self._numbers)}"
        return self.add(Account(key_id, secrets.token_urlsafe(30), secrets.token_urlsafe(90), self._clock() + seconds))

    def remove(self, account: Account) -> None:
        """Know a key no more: it is answered `InvalidAccessKeyId`."""
        del self._known[account.key_id]

    def expire(self, account: Account) -> None:
        """Let a key end now: it is answered `ExpiredToken`."""
        self._known[account.key_id] = replace(account, ends=self._clock())

    def find(self, key_id: str, token: str) -> Account:
        """Return who signs. Raises `S3Error` where nobody has this key, the token is another, or it has expired."""
        account = self._known.get(key_id)
        if account is None or (account.token and not token):
            raise S3Error("InvalidAccessKeyId", f"nobody has the key {key_id}")
        if account.token != token:
            raise S3Error("InvalidToken", "the token is of another key")
        if account.ends is not None and self._clock() >= account.ends:
            raise S3Error("ExpiredToken", "the provided token has expired")
        return account


class Sts:
    """Gives temporary keys to whoever has an accepted token of a workload: `AssumeRoleWithWebIdentity`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.accepted: dict[str, str] = {}
        """The role that each token of a workload is good for."""
        self.given: list[Account] = []

    def reply(self, asked: dict[str, str]) -> Answer:
        """Answer a call, from its query or its form. Raises `S3Error`."""
        if (asked.get("Action"), asked.get("Version")) != ("AssumeRoleWithWebIdentity", "2011-06-15"):
            raise S3Error("InvalidAction", "nothing else is known here")
        if not asked.get("RoleSessionName"):
            raise S3Error("ValidationError", "RoleSessionName is missing")
        seconds = asked.get("DurationSeconds", "3600")
        if not seconds.isdecimal() or not LEAST_SECONDS <= int(seconds) <= MOST_SECONDS:
            raise S3Error("ValidationError", f"DurationSeconds is {seconds}")
        role = self.accepted.get(asked.get("WebIdentityToken", ""))
        if role is None:
            raise S3Error("InvalidIdentityToken", "the token is not accepted")
        if role != asked.get("RoleArn"):
            raise S3Error("AccessDenied", "not authorized to perform sts:AssumeRoleWithWebIdentity")
        account = self._accounts.add_temporary(int(seconds))
        self.given.append(account)
        return _given(account)


def _given(account: Account) -> Answer:
    ends = datetime.fromtimestamp(account.ends or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inside = "".join(
        (
            element("AccessKeyId", account.key_id),
            element("SecretAccessKey", account.secret),
            element("SessionToken", account.token),
            element("Expiration", ends),
        )
    )
    name = "AssumeRoleWithWebIdentity"
    text = (
        f'<{name}Response xmlns="{STS_NAMESPACE}"><{name}Result><Credentials>{inside}</Credentials></{name}Result>'
        f"<ResponseMetadata><RequestId>fake</RequestId></ResponseMetadata></{name}Response>"
    )
    return answer(text.encode(), {"Content-Type": "text/xml"})
