# SPDX-License-Identifier: Apache-2.0
"""What an invitation is good for, and what is kept of its secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.invitations.models import MAX_SECRET_CHARACTERS
from entrepot.features.invitations.models import Invitation
from entrepot.features.invitations.models import InvitationState
from entrepot.features.invitations.models import Offer
from entrepot.features.invitations.models import OfferedGrant
from entrepot.features.invitations.models import hmac_of
from entrepot.features.invitations.models import new_secret
from entrepot.features.invitations.models import told_of
from entrepot.features.tokens import InstanceKey
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

KEY = InstanceKey(b"k" * 32)
NOW = Milliseconds(1_000)


def an_invitation(**others: object) -> Invitation:
    """Make one that ends at 2,000."""
    values = {
        "id": Ulid("01JD2F7ZK3Q8V5T6X9Y0B1C2D4"),
        "secret_hmac": b"h",
        "label": "ada@example.com",
        "user_name": None,
        "offer": Offer(("developers",), (OfferedGrant("team/**", "write"),)),
        "invited_by": "user:root",
        "created_at": Milliseconds(0),
        "expires_at": Milliseconds(2_000),
        **others,
    }
    return Invitation(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("others", "state"),
    [
        ({}, InvitationState.PENDING),
        ({"expires_at": NOW}, InvitationState.EXPIRED),
        ({"ended_at": 500}, InvitationState.REVOKED),
        ({"ended_at": 500, "expires_at": NOW}, InvitationState.REVOKED),
        ({"ended_at": 500, "accepted_as": "ada"}, InvitationState.ACCEPTED),
    ],
)
def test_the_first_thing_that_ended_it_is_told(others: dict[str, object], state: InvitationState) -> None:
    """One that was used or revoked has not run out."""
    assert an_invitation(**others).state(NOW) is state


def test_a_secret_fits_an_address() -> None:
    """It is as random as a key, and nothing in it has to be escaped."""
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(
        len(each) <= MAX_SECRET_CHARACTERS and each.replace("-", "").replace("_", "").isalnum() for each in secrets
    )


@given(st.text(max_size=200), st.text(max_size=200))
def test_what_is_kept_of_two_secrets_is_alike_only_if_they_are(one: str, other: str) -> None:
    """Whatever somebody presents, half characters too; and another instance keeps something else."""
    assert (hmac_of(KEY, one) == hmac_of(KEY, other)) is (one == other)
    assert hmac_of(KEY, one) != hmac_of(InstanceKey(b"j" * 32), one)


def test_what_is_told_holds_no_secret() -> None:
    """It says whom it is for and what it gives."""
    told = told_of(an_invitation(), InvitationState.PENDING)

    assert (told.label, told.groups, told.grants) == ("ada@example.com", ("developers",), ("write on team/**",))
    assert "secret_hmac" not in repr(told)
    assert "secret_hmac" not in repr(an_invitation())
