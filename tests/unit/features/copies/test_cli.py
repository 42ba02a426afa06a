# SPDX-License-Identifier: Apache-2.0
"""`entrepot copies`."""

import json

from entrepot.features.copies.cli import copy_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE = an_image_manifest()
JSON = ("--output", "json")


def test_a_copy_is_started_shown_listed_and_cancelled(shell: Shell) -> None:
    """The list tells of both ends; once it is cancelled, nothing follows."""
    shell.push("team/app", IMAGE, "1.0")

    started = shell.done(copy_commands, "start", "team/app:1.0", "team/copy", "--tag", "stable", "--no-wait", *JSON)
    copy = json.loads(started)
    shown = json.loads(shell.done(copy_commands, "show", copy["id"], *JSON))
    cancelled = json.loads(shell.done(copy_commands, "cancel", copy["id"], *JSON))

    assert (shown["source"], shown["target"], shown["artifacts"][0]["tags"]) == ("team/app", "team/copy", ["stable"])
    assert cancelled["state"] == "cancelled"
    for where in ((), ("team/app",)):
        [listed] = json.loads(shell.done(copy_commands, "list", *where, *JSON))["items"]
        assert listed["id"] == copy["id"]


def test_a_dry_run_tells_what_would_come(shell: Shell) -> None:
    """And copies nothing."""
    shell.push("team/app", IMAGE, "1.0")

    start = ("start", "team/app", "team/copy", "--tags", "1.*", "--dry-run")
    told = json.loads(shell.done(copy_commands, *start, *JSON))["items"]

    assert [(each["digest"], each["new_manifests"]) for each in told] == [(IMAGE.digest, 1)]
    assert "no copies" in shell(copy_commands, "list").output
