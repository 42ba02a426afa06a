# SPDX-License-Identifier: Apache-2.0
"""`entrepot hold`."""

import json

from entrepot.features.holds.cli import hold_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE = an_image_manifest()


def test_a_hold_is_placed_extended_and_released(shell: Shell) -> None:
    """Each shows the hold, and the list has it to the end."""
    shell.push("team/app", IMAGE, "1.0")

    place = ("place", "team/app:1.0", "--reason", "Case 4711", "--legal", "--until", "30d", "--output", "json")
    placed = json.loads(shell.done(hold_commands, *place))
    extend = ("extend", "team/app", placed["id"], "--until", "never", "--output", "json")
    extended = json.loads(shell.done(hold_commands, *extend))
    released = shell.done(hold_commands, "release", "team/app", placed["id"], "--reason", "closed")

    assert (placed["digest"], placed["tag"], extended["expires_at"]) == (IMAGE.digest, "1.0", None)
    assert "closed" in released
    for where in ((), ("team/app",), ("--project", "team")):
        [listed] = json.loads(shell.done(hold_commands, "list", *where, "--output", "json"))["items"]
        assert (listed["id"], listed["is_in_force"]) == (placed["id"], False)


def test_a_digest_and_a_repository_can_be_held(shell: Shell) -> None:
    """For 90 days unless told otherwise."""
    shell.push("team/app", IMAGE, "1.0")
    assert "no holds" in shell(hold_commands, "list").output

    for what, digest in ((f"team/app@{IMAGE.digest}", IMAGE.digest), ("team/app", None)):
        placed = json.loads(shell.done(hold_commands, "place", what, "--reason", "a test", "--output", "json"))
        assert (placed["digest"], placed["kind"], bool(placed["expires_at"])) == (digest, "user", True)
