# SPDX-License-Identifier: Apache-2.0
"""`entrepot repo`, `entrepot artifact`, and what `entrepot tag` lists and deletes."""

import json

import pytest

from entrepot.features.artifacts.cli import artifact_commands
from entrepot.features.artifacts.cli import repo_commands
from entrepot.features.artifacts.cli import tag_commands
from entrepot.infra.remote.errors import ServerRefused
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from tests.builders.manifests import an_image_manifest
from tests.builders.shell import Shell

SPDX = "application/spdx+json"
IMAGE = an_image_manifest()
SBOM = an_image_manifest(subject=IMAGE.descriptor(), artifactType=SPDX)


def test_repositories_are_listed_up_to_a_limit(shell: Shell) -> None:
    """All of them, or the first ones by name."""
    for name in ("team/a", "team/b", "team/c"):
        shell.push(name, IMAGE, "1")

    assert len(shell.done(repo_commands, "list").splitlines()) == 1 + 3
    listed = json.loads(shell.done(repo_commands, "list", "--limit", "2", "--output", "json"))
    assert [each["name"] for each in listed["items"]] == ["team/a", "team/b"]


def test_tags_are_listed_with_what_they_point_at(shell: Shell) -> None:
    """The digest is whole, to be copied."""
    shell.push("team/app", IMAGE, "1.0")

    assert shell.done(tag_commands, "list", "team/app").splitlines()[1].split()[:3] == ["1.0", "pending", IMAGE.digest]


@pytest.mark.parametrize("reference", ["team/app:1.0", f"team/app@{IMAGE.digest}"])
def test_an_artifact_is_shown(shell: Shell, reference: str) -> None:
    """By a tag or by its digest."""
    shell.push("team/app", IMAGE, "1.0")
    shown = json.loads(shell.done(artifact_commands, "show", reference, "--output", "json"))

    assert (shown["digest"], shown["tags"]) == (IMAGE.digest, ["1.0"])


def test_a_deleted_tag_leaves_its_artifact(shell: Shell) -> None:
    """It has to be meant; the tag is gone then, and the digest still shown."""
    shell.push("team/app", IMAGE, "1.0")
    assert shell(tag_commands, "delete", "team/app:1.0").exit_code == 2
    shell.done(tag_commands, "delete", "team/app:1.0", "--yes")

    assert isinstance(shell(artifact_commands, "show", "team/app:1.0").exception, NotFound)
    assert IMAGE.digest in shell.done(artifact_commands, "show", f"team/app@{IMAGE.digest}")


def test_a_deleted_artifact_takes_its_tags_along(shell: Shell) -> None:
    """It is named by its digest: a tag would leave open which of both is meant."""
    shell.push("team/app", IMAGE, "1.0")
    assert isinstance(shell(artifact_commands, "delete", "team/app:1.0", "--yes").exception, InvalidRequest)
    shell.done(artifact_commands, "delete", f"team/app@{IMAGE.digest}", "--yes")

    assert len(shell.done(tag_commands, "list", "team/app").splitlines()) == 1


def test_repositories_are_found_by_project_and_text(shell: Shell) -> None:
    """Both narrow the list."""
    for name in ("team/app", "team/web", "other/app"):
        shell.push(name, IMAGE, "1")

    listed = json.loads(shell.done(repo_commands, "list", "--project", "team", "--filter", "ap", "--output", "json"))

    assert [each["name"] for each in listed["items"]] == ["team/app"]


def test_tags_are_sorted_and_filtered(shell: Shell) -> None:
    """As the server does it."""
    shell.push("team/app", IMAGE, "1.9", "1.10", "latest")

    lines = shell.done(tag_commands, "list", "team/app", "--sort", "-version", "--filter", "1.").splitlines()

    assert [line.split()[0] for line in lines[1:]] == ["1.10", "1.9"]


@pytest.mark.parametrize(
    ("chosen", "count"), [([], 2), (["--untagged"], 1), (["--tagged"], 1), (["--type", "sbom"], 0)]
)
def test_artifacts_are_listed(shell: Shell, chosen: list[str], count: int) -> None:
    """All of them, or those with a tag, without one, or of a type that is known already."""
    shell.push("team/app", IMAGE, "1.0")
    shell.push("team/app", SBOM)

    assert len(shell.done(artifact_commands, "list", "team/app", *chosen).splitlines()) == 1 + count


@pytest.mark.parametrize(("stated", "count"), [([], 1), (["--type", SPDX], 1), (["--type", "other/type"], 0)])
def test_referrers_are_listed(shell: Shell, stated: list[str], count: int) -> None:
    """Of an artifact that a tag or a digest names."""
    shell.push("team/app", IMAGE, "1.0")
    shell.push("team/app", SBOM)

    assert len(shell.done(artifact_commands, "referrers", "team/app:1.0", *stated).splitlines()) == 1 + count


def test_a_deleted_artifact_comes_back(shell: Shell) -> None:
    """It is in the bin until then, and has its tag again afterwards."""
    shell.push("team/app", IMAGE, "1.0")
    shell.done(artifact_commands, "delete", f"team/app@{IMAGE.digest}", "--yes")

    (binned,) = json.loads(shell.done(artifact_commands, "bin", "team/app", "--output", "json"))["items"]
    shell.done(artifact_commands, "restore", f"team/app@{IMAGE.digest}")

    assert (binned["digest"], binned["tags"]) == (IMAGE.digest, ["1.0"])
    assert len(shell.done(artifact_commands, "bin", "team/app").splitlines()) == 1
    assert IMAGE.digest in shell.done(tag_commands, "list", "team/app")


def test_a_repository_that_there_is_not_is_refused(shell: Shell) -> None:
    """With the command that lists those there are."""
    refused = shell(tag_commands, "list", "team/nothing").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot repo list shows those that you may pull from."
