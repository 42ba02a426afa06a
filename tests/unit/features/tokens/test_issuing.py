# SPDX-License-Identifier: Apache-2.0
"""How many secrets there are, what becomes of those that have ended, and which of them are shown."""

import pytest
from sqlalchemy import Connection

from entrepot.features.tokens.errors import TokenNameTaken
from entrepot.features.tokens.errors import TooManyTokens
from entrepot.features.tokens.issuing import KEPT_ENDED
from entrepot.features.tokens.issuing import MAX_LIVE
from entrepot.features.tokens.issuing import Wanted
from entrepot.features.tokens.issuing import current_secrets
from entrepot.features.tokens.issuing import issue_secret
from entrepot.features.tokens.issuing import remove_secrets
from entrepot.features.tokens.issuing import replace_secret
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.store import credentials as store
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from tests.builders.instance import Instance

ALICE = "user:alice"


def stored(instance: Instance, principal: str = ALICE) -> list[Credential]:
    """Return every credential of a principal, newest first."""
    return instance.database.snapshot_now(store.page, principal, "8", 10_000)


def fill(connection: Connection, now: Milliseconds) -> None:
    """Make as many secrets as there may be, good for less than a day."""
    for number in range(MAX_LIVE):
        issue_secret(connection, Wanted(ALICE, f"number-{number}", after(now, SECOND_MS), ALICE), now)


def test_an_expired_secret_makes_room_for_one_of_its_name(instance: Instance) -> None:
    """Both are kept; of the old one it is still known that it expired."""
    instance.add_secret(ALICE, expires_in_ms=SECOND_MS)
    instance.clock.advance(SECOND_MS)
    instance.add_secret(ALICE)

    states = [credential.state(instance.clock()) for credential in stored(instance)]
    assert states == [CredentialState.LIVE, CredentialState.EXPIRED]


def test_a_live_secret_keeps_its_name(instance: Instance) -> None:
    """A second one of that name is refused and stores nothing; another principal may use the name."""
    instance.add_secret(ALICE)
    instance.add_secret("user:bob")

    with pytest.raises(TokenNameTaken):
        instance.add_secret(ALICE)
    assert len(stored(instance)) == len(stored(instance, "user:bob")) == 1


def test_there_is_a_most_of_live_secrets(instance: Instance) -> None:
    """Beyond it the next one is refused until another has ended."""
    instance.database.write_now(fill, instance.clock())
    with pytest.raises(TooManyTokens):
        instance.add_secret(ALICE, "one-more")
    instance.clock.advance(DAY_MS)

    assert instance.add_secret(ALICE, "one-more").credential.name == "one-more"
    assert len(stored(instance)) == KEPT_ENDED + 1


def test_creating_and_revoking_for_ever_grows_nothing(instance: Instance) -> None:
    """The newest hundred that have ended are kept, and so whoever presents one of them is told why it is refused."""
    issued = [instance.add_secret(ALICE)]
    for _ in range(KEPT_ENDED + 20):
        instance.revoke(issued[-1])
        issued.append(instance.add_secret(ALICE))

    *ended, live = (each.credential.id for each in issued)
    assert {credential.id for credential in stored(instance)} == {live, *sorted(ended)[-KEPT_ENDED:]}


def test_secrets_may_end_later(instance: Instance) -> None:
    """What ends at a moment ahead is good until then, and is no longer the current one; ending it sooner counts."""
    issued = instance.add_secret(ALICE)
    now = instance.clock()
    instance.database.write_now(replace_secret, issued.credential, after(now, DAY_MS), now)
    later = instance.add_secret(ALICE)
    current = instance.database.snapshot_now(current_secrets, [ALICE, "user:bob"])
    before = stored(instance)[1].state(instance.clock())
    for each in (issued, later):
        instance.database.write_now(replace_secret, each.credential, now, now)

    assert current == {ALICE: later.credential}
    assert (before, issued.credential.id) == (CredentialState.LIVE, stored(instance)[1].id)
    assert {each.state(instance.clock()) for each in stored(instance)} == {CredentialState.REVOKED}


def test_removed_secrets_leave_nothing(instance: Instance) -> None:
    """Those of others stay."""
    instance.add_secret(ALICE)
    instance.add_secret("user:bob")
    instance.database.write_now(remove_secrets, ALICE)

    assert (stored(instance), len(stored(instance, "user:bob"))) == ([], 1)


def test_what_comes_first_says_how_it_ended(instance: Instance) -> None:
    """A secret that was revoked after it had expired has expired, and the other way round."""
    expired = instance.add_secret(ALICE, "expired", expires_in_ms=SECOND_MS)
    revoked = instance.add_secret(ALICE, "revoked", expires_in_ms=2 * SECOND_MS)
    instance.clock.advance(SECOND_MS)
    for issued in (expired, revoked):
        instance.revoke(issued)
    instance.clock.advance(DAY_MS)

    states = {credential.name: credential.state(instance.clock()) for credential in stored(instance)}
    assert states == {"expired": CredentialState.EXPIRED, "revoked": CredentialState.REVOKED}
