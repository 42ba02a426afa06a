# SPDX-License-Identifier: Apache-2.0
"""What gates tell a client that goes on all the same (`Warning: 299`)."""

import pytest

from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.hooks import Warn
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import an_index
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository


class Grumble:
    """A gate that warns of everything."""

    name = "grumble"
    on_error: Verdict = Deny("")
    operations = frozenset(Operation)

    def __init__(self, text: str) -> None:
        self._text = text

    async def check(self, context: GateContext) -> Verdict:
        """Warn."""
        return Warn(self._text)


def grumbling(core: Opener, *texts: str) -> Repository:
    """Open a registry that warns of everything, and give a repository in it."""
    return Repository(core(Wiring(gates=tuple(Grumble(text) for text in texts))), "warned/app")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("deprecated", '299 - "deprecated"'),
        ('say "no" \\ never', r'299 - "say \"no\" \\ never"'),
        ("two\nlines\r\nof\ttext", '299 - "two lines of text"'),
    ],
)
def test_a_warning_is_one_quoted_line(core: Opener, text: str, sent: str) -> None:
    """The header reads `299 - "text"`: the agent is a hyphen, quotes are escaped, and there is no date."""
    assert grumbling(core, text).start().all("warning") == [sent]


def test_every_step_of_push_and_pull_can_warn(core: Opener) -> None:
    """Upload, manifest, tag, pull of a manifest, delete: each answer carries its warnings."""
    repo = grumbling(core, "old")

    answers = [
        repo.start(),
        repo.put(an_index(), "v1"),
        repo.ask("GET", "manifests/v1"),
        repo.ask("HEAD", "manifests/v1"),
        repo.ask("DELETE", "manifests/v1"),
    ]

    assert [answer.status for answer in answers] == [202, 201, 200, 200, 202]
    assert [set(answer.all("warning")) for answer in answers] == [{'299 - "old"'}] * 5


def test_warnings_stay_within_what_clients_read(core: Opener) -> None:
    """All warnings of one answer together are no longer than 4,096 bytes."""
    warnings = grumbling(core, *(f"{number} {'x' * 300}" for number in range(40))).start().all("warning")

    assert len(warnings) > 1
    assert sum(map(len, warnings)) <= 4_096
    assert all(len(warning) <= len('299 - ""') + 200 * 3 for warning in warnings)


def test_a_blob_read_through_its_own_push_is_not_asked_about(core: Opener) -> None:
    """Whoever pushed a blob reads it back without a warning while no manifest lists it."""
    repo = grumbling(core, "old")

    answer = repo.ask("GET", f"blobs/{repo.upload(A_CONFIG)}")

    assert (answer.status, answer.all("warning")) == (200, [])
