# SPDX-License-Identifier: Apache-2.0
"""Nodes whose clocks are hours and days apart: the time of their database counts, and nothing ends early."""

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from urllib.parse import urlencode

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_LAYER
from tests.scale.nodes import ADMIN
from tests.scale.nodes import PASSWORD
from tests.scale.nodes import Cluster
from tests.scale.nodes import Node
from tests.scale.wire import Answer
from tests.scale.wire import Wire
from tests.scale.wire import numbered
from tests.scale.wrong_clock import THREE_DAYS
from tests.scale.wrong_clock import clock

WRONG = (0, THREE_DAYS, -THREE_DAYS)
"""By how many seconds the clock of each node is wrong: more than any upload, token, session or lease lasts."""
NAME = "clocks/app"


@pytest.fixture(scope="module")
def wrong(nodes: Cluster) -> Iterator[list[Node]]:
    """The nodes, two of them with clocks that are wrong."""
    for node, by in zip(nodes.nodes[1:], WRONG[1:], strict=True):
        node.kill()
        node.start(**clock(by))
    yield nodes.nodes
    for node in nodes.nodes[1:]:
        node.kill()
        node.start()
    nodes.wait_until_balanced()


def ask(node: Node, method: str, target: str, body: bytes | None = None, /, **headers: str) -> Answer:
    """Send one request."""
    with closing(Wire(node.port)) as wire:
        return wire.ask_patiently(method, target, body, **headers)


def test_tokens_of_each_are_good_everywhere(wrong: list[Node]) -> None:
    """And so is whoever logged in at one of them."""
    for issuer, other in permutations(wrong, 2):
        scope = urlencode({"scope": f"repository:{NAME}:pull,push"})
        token = ask(issuer, "GET", f"/auth/token?{scope}", **ADMIN).json["token"]
        login = json.dumps({"name": "admin", "password": PASSWORD}).encode()
        session = ask(issuer, "POST", "/api/v1/sessions", login, content_type="application/json")
        cookie = session.headers["set-cookie"].partition(";")[0]

        assert session.status == 201, session
        assert ask(other, "GET", "/v2/", authorization=f"Bearer {token}").status == 200
        assert ask(other, "GET", "/api/v1/users/me", cookie=cookie).status == 200


def test_an_upload_goes_on_through_all_of_them(wrong: list[Node], nodes: Cluster) -> None:
    """Also when it is tidied up in between, on whichever of them: what is alive is left alone."""
    content = b"early, right and late"
    location = ask(wrong[0], "POST", f"/v2/{NAME}/blobs/uploads/", **ADMIN).headers["location"]
    for number, start in enumerate(range(0, len(content), 3)):
        tidy(nodes)
        patched = ask(wrong[number % 3], "PATCH", location, content[start : start + 3], **ADMIN)
        assert patched.status == 202, patched

    assert ask(wrong[1], "PUT", f"{location}?digest={digest_of(content)}", **ADMIN).status == 201


def test_what_was_deleted_can_be_restored_everywhere(wrong: list[Node], nodes: Cluster) -> None:
    """The time until it is gone for good is counted by one clock."""
    image = numbered(1)
    with closing(wrong[2].wire()) as wire:
        assert wire.push_image(NAME, image, "kept").status == 201
        assert wire.push_image(NAME, numbered(2), "gone").status == 201
        assert wire.ask("DELETE", f"/v2/{NAME}/manifests/{numbered(2).digest}").status == 202
    tidy(nodes)
    for node in wrong:
        with closing(node.wire()) as wire:
            assert wire.pull(NAME, "kept").status == 200
            assert wire.ask("GET", f"/v2/{NAME}/blobs/{digest_of(A_LAYER)}").body == A_LAYER

    assert nodes.count("SELECT count(*) FROM manifests WHERE deleted_at IS NOT NULL") >= 1


def test_no_lease_ends_early(wrong: list[Node], nodes: Cluster) -> None:
    """Every job was done once, by whoever claimed it first; and every node writes down the same time."""
    for _ in range(5):
        tidy(nodes)

    off = "SELECT count(*) FROM nodes WHERE abs(seen_at - EXTRACT(EPOCH FROM clock_timestamp()) * 1000) > 3600000"
    assert (len(wrong), nodes.count(off)) == (3, 0)
    assert nodes.count("SELECT count(*) FROM jobs WHERE claims > 1 OR last_error LIKE 'LeaseLost%'") == 0


def tidy(nodes: Cluster) -> None:
    """Have everything done that is done at its times, by whichever node."""
    nodes.make_everything_due()
    nodes.wait_until_done()
