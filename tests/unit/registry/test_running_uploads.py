# SPDX-License-Identifier: Apache-2.0
"""How many uploads one principal may have in progress."""

from contextlib import ExitStack

import pytest

from entrepot.oci.errors import TooManyRequests
from entrepot.registry.running_uploads import RunningUploads


def test_a_principal_has_so_many_and_no_more() -> None:
    """The one too many is told when to come again; another principal is not affected."""
    running = RunningUploads(2)
    with ExitStack() as stack:
        stack.enter_context(running.one_of("user:a"))
        stack.enter_context(running.one_of("user:a"))

        with pytest.raises(TooManyRequests) as refusal:
            stack.enter_context(running.one_of("user:a"))
        running.require_room("user:b")

    assert refusal.value.status == 429
    assert int(refusal.value.headers["Retry-After"]) > 0


def test_an_upload_that_ends_makes_room() -> None:
    """However it ends, and nobody is remembered who has none."""
    running = RunningUploads(1)
    for _ in range(3):
        with pytest.raises(ConnectionError), running.one_of("user:a"):
            raise ConnectionError

    running.require_room("user:a")
    assert not running._of
