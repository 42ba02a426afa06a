# SPDX-License-Identifier: Apache-2.0
"""`entrepot imports`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.features.imports.cli import PASSWORD_VARIABLE
from entrepot.features.imports.cli import import_commands
from tests.builders.importing import Origin
from tests.builders.importing import an_importing_application
from tests.builders.importing import an_origin
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell
from tests.builders.shell import served

IMAGE = an_image_manifest()
JSON = ("--output", "json")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Hold a shell beside an application that may ask servers on the loopback address."""
    with an_importing_application(tmp_path) as application, served(application.server) as url:
        yield Shell(application, url, tmp_path)


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Serve a source with two tags of a repository."""
    with an_origin() as origin:
        origin.has("library/app", IMAGE, "1.0", "1.1-dev")
        yield origin


def settle(shell: Shell) -> None:
    """Have the jobs done that wait."""
    asyncio.run(shell.application.settle())


def start(shell: Shell, origin: Origin, *options: str) -> Any:
    """Ask for an import into `team`, and do not wait for it."""
    given = ("start", "library/**", "--from", origin.url, "--into", "team/old", "--no-wait", *options, *JSON)
    return json.loads(shell.done(import_commands, *given))


def show(shell: Shell, made: Any) -> Any:
    """Return an import as it is now."""
    return json.loads(shell.done(import_commands, "show", made["id"], *JSON))


def test_what_flags_say_is_asked_for(shell: Shell, origin: Origin) -> None:
    """A name with a star is a pattern, the path behind the project a prefix, and a rate is in bytes."""
    flags = ("--exclude", "library/x", "--tags", "1.*", "--exclude-tags", "*-dev", "--newest", "3", "--strip", "1")
    made = start(shell, origin, "library/app", *flags, "--limit-rate", "10M", "--parallel", "2", "--overwrite")

    assert (made["project"], made["prefix"], made["strip"]) == ("team", "old", 1)
    assert (made["patterns"], made["repositories"]) == (["library/**"], ["library/app"])
    assert (made["exclude_repositories"], made["tags"], made["exclude_tags"]) == (["library/x"], ["1.*"], ["*-dev"])
    assert (made["newest"], made["parallel"], made["overwrite"], made["rate"]) == (3, 2, True, 10_000_000)


def test_a_dry_run_is_brought_told_and_compared(shell: Shell, origin: Origin) -> None:
    """The artifacts and the report say what became of each tag."""
    made = start(shell, origin, "--exclude-tags", "*-dev", "--dry-run")
    settle(shell)
    looked = show(shell, made)
    shell.done(import_commands, "run", made["id"])
    settle(shell)
    brought = show(shell, made)
    shell.done(import_commands, "check", made["id"])
    settle(shell)

    assert (looked["work"], looked["counts"]["looked"], brought["counts"]["brought"]) == ("look", 1, 1)
    told = json.loads(shell.done(import_commands, "artifacts", made["id"], "--state", "brought", *JSON))["items"]
    assert [(each["repository"], each["name"]) for each in told] == [("library/app", "1.0")]
    report = shell.done(import_commands, "report", made["id"], "--format", "csv").splitlines()
    assert sorted("excluded" in line for line in report[1:]) == [False, True]
    assert show(shell, made)["checked_at"] is not None


def test_an_import_rests_goes_on_and_is_cancelled(shell: Shell, origin: Origin) -> None:
    """The list shows it, and shows nothing before."""
    assert "no imports" in shell(import_commands, "list").output
    made = start(shell, origin)

    states = [
        json.loads(shell.done(import_commands, act, made["id"], *JSON))["state"]
        for act in ("pause", "resume", "cancel")
    ]

    assert states == ["paused", "running", "cancelled"]
    [listed] = json.loads(shell.done(import_commands, "list", "--all", *JSON))["items"]
    assert (listed["id"], listed["url"]) == (made["id"], origin.url)


def test_the_login_is_read_where_nobody_sees_it(shell: Shell, origin: Origin, tmp_path: Path) -> None:
    """From a file or a variable; what is printed never has it."""
    secret = tmp_path / "secret"
    secret.write_text("of the file\n")
    shell.environment[PASSWORD_VARIABLE] = "of the variable"

    for given in (("--password-file", str(secret)), ()):
        line = ("library/**", "--from", origin.url, "--into", "team", "--username", "ada", "--no-wait", *given)
        assert "of the" not in shell.done(import_commands, "start", *line, *JSON)
    assert "password" not in json.dumps(json.loads(shell.done(import_commands, "list", *JSON)))


def test_a_refusal_is_told(shell: Shell) -> None:
    """With a status that scripts notice."""
    refused = shell(import_commands, "start", "app", "--from", "http://registry.invalid", "--into", "team")

    assert refused.exit_code != 0
    assert "plain HTTP" in str(refused.exception) + refused.output
