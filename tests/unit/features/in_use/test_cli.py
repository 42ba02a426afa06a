# SPDX-License-Identifier: Apache-2.0
"""`entrepot in-use`."""

import json

import pytest

from entrepot.features.in_use.cli import in_use_commands
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

IMAGE = an_image_manifest()
ELSEWHERE = f"registry.example/other/app@sha256:{'1' * 64}"


def test_what_kubectl_prints_is_reported(shell: Shell) -> None:
    """Images of other registries are left out, and what is not here is told."""
    shell.push("team/app", IMAGE, "1.0")
    unknown = f"registry.test/team/app@sha256:{'2' * 64}"
    printed = f"registry.test/team/app@{IMAGE.digest} {ELSEWHERE}\n{unknown} busybox"

    report = ("report", "--cluster", "production", "--registry", "registry.test")
    said = shell(in_use_commands, *report, typed=printed).output

    assert "2 images count for production" in said
    assert f"sha256:{'2' * 64} is not in this registry" in said
    listed = json.loads(shell.done(in_use_commands, "show", "production", "--output", "json"))["items"]
    assert {each["presence"] for each in listed} == {"here", "unknown"}
    assert "production" in shell.done(in_use_commands, "list")
    assert shell(in_use_commands, "forget", "production", "--yes").exit_code == 0


@pytest.mark.parametrize("printed", [ELSEWHERE, "busybox alpine"])
def test_a_cluster_that_calls_the_registry_otherwise_is_told(shell: Shell, printed: str) -> None:
    """Rather than that nothing runs."""
    result = shell(in_use_commands, "report", "--cluster", "production", typed=printed)

    assert result.exit_code != 0
    assert "--registry" in result.output
