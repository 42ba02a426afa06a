# SPDX-License-Identifier: Apache-2.0
"""What a destination is to take note of."""

import pytest

from entrepot.features.audit.delivering import line_of
from entrepot.features.audit.models import Record
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.events import Outcome


def a_record(type_: str, outcome: Outcome) -> Record:
    """Make a record of somebody who did something."""
    nothing = dict.fromkeys(
        ("credential", "provider", "agent", "project", "repository", "tag", "digest", "request_id"), ""
    )
    return Record(
        seq=1,
        at=Milliseconds(0),
        event=new_ulid(),
        type=type_,
        kind="user",
        principal="user:alice",
        on_behalf_of="",
        address=None,
        object="",
        outcome=outcome,
        times=1,
        hash=b"",
        details=None,
        is_erased=False,
        **nothing,
    )


@pytest.mark.parametrize(
    ("type_", "outcome", "is_notice"),
    [
        (Change.BREAK_GLASS_OPENED, Outcome.DONE, True),
        (Change.BREAK_GLASS_ELIGIBILITY_GIVEN, Outcome.DONE, True),
        (Change.GRANT_GIVEN, Outcome.DONE, False),
        (Change.REQUEST_REFUSED, Outcome.REFUSED, True),
    ],
)
def test_break_glass_access_is_to_be_noticed(type_: Change, outcome: Outcome, is_notice: bool) -> None:
    """As what was refused is."""
    assert line_of(a_record(type_.value, outcome)).is_notice is is_notice
