# SPDX-License-Identifier: Apache-2.0
"""What a cookie holds."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.identity import User
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.models import login_mark
from entrepot.features.sessions.models import new_session
from entrepot.features.sessions.models import read_cookie
from entrepot.features.sessions.models import renew_cookie
from entrepot.features.sessions.models import session_id_of
from entrepot.features.tokens import new_secret
from entrepot.infra.telemetry.redaction import redact_text
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid

ALICE = User(7, "alice", "", Milliseconds(0), None, Milliseconds(5), None, None)
VISITOR = Visitor("192.0.2.1", "Firefox")


def test_a_cookie_is_read_as_it_was_made() -> None:
    """It names its session; the digests of both of its parts are those that are stored."""
    session, cookie = new_session(ALICE, SessionState.COMPLETE, VISITOR, Milliseconds(9))

    presented = read_cookie(cookie.text)
    assert presented == cookie.presented
    assert presented is not None
    assert (presented.id, session.user, session_id_of(session.credential)) == (session.id, "alice", session.id)
    assert (presented.secret_sha256, presented.turn_sha256) == (session.secret_sha256, session.turn_sha256)


def test_a_renewed_cookie_keeps_its_first_part() -> None:
    """The second part is another one each time, and 256 bits long."""
    _, cookie = new_session(ALICE, SessionState.COMPLETE, VISITOR, Milliseconds(9))

    renewed = [renew_cookie(cookie.presented) for _ in range(3)]

    assert {each.presented.secret_sha256 for each in renewed} == {cookie.presented.secret_sha256}
    assert len({each.presented.turn_sha256 for each in [cookie, *renewed]}) == 4
    assert all(re.fullmatch(r"ents_[0-9A-Z]{26}_[0-9A-Za-z]{51}_[0-9a-f]{64}", each.text) for each in renewed)


def test_secrets_are_shown_to_nobody() -> None:
    """Neither a session nor a cookie shows them where it is printed, and no log does."""
    session, cookie = new_session(ALICE, SessionState.COMPLETE, VISITOR, Milliseconds(9))

    printed = f"{session!r} {cookie!r} {cookie.presented!r}"
    secrets = [cookie.presented.lasting, cookie.text.rpartition("_")[2], session.csrf_token]
    assert not [secret for secret in secrets if secret in printed]
    assert redact_text(f"the cookie {cookie.text}.") == "the cookie [redacted]."


@given(st.text())
def test_what_was_not_made_here_is_no_cookie(text: str) -> None:
    """No text of somebody else is read as one, and none raises."""
    assert read_cookie(text) is None


@given(st.sampled_from(["ent", "entr"]), st.text(alphabet="0123456789abcdef", min_size=64, max_size=64))
def test_other_secrets_are_no_cookies(prefix: str, turn: str) -> None:
    """A token is not, with anything behind it."""
    assert read_cookie(f"{new_secret(prefix, new_ulid())}_{turn}") is None


def test_the_mark_of_a_login_changes_with_it() -> None:
    """A new password, a second factor and another user of the name each make another mark."""
    users = [
        ALICE,
        replace(ALICE, password_changed_at=Milliseconds(6)),
        replace(ALICE, second_factor_at=Milliseconds(6)),
        replace(ALICE, id=8),
    ]

    assert len({login_mark(user) for user in users}) == len(users)
    assert login_mark(replace(ALICE, disabled_at=Milliseconds(6))) == login_mark(ALICE)
