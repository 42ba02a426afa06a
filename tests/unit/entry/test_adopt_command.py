# SPDX-License-Identifier: Apache-2.0
"""`entrepot adopt`: what another registry has left in the configured folder comes, or why it does not is told."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.entry.cli import application
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.entry.configuration import load
from entrepot.entry.opening import open_tree
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.s3.tree import S3Tree
from entrepot.infra.storage.tree import NoTree
from entrepot.oci.errors import NameInvalid
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.adoption import TreeIsOurs
from entrepot.registry.store import manifests
from tests.builders.manifests import an_image_manifest
from tests.builders.sqlite import a_sqlite_database
from tests.builders.trees import DistributionTree

DATA = Path("data")
IMAGE = an_image_manifest()


def run(*arguments: str) -> Result:
    """Run `entrepot adopt`."""
    return CliRunner().invoke(application, ["adopt", "--data", str(DATA), *arguments])


@pytest.fixture
def tree() -> DistributionTree:
    """A tree where the storage is by default, and a new database."""
    DATA.mkdir()
    a_sqlite_database(DATA / DATABASE_FILE).close()
    tree = DistributionTree(DATA / "blobs")
    tree.put_image("team/app", IMAGE, "1")
    return tree


def points_at(name: str, tag: str) -> str | None:
    """Return what a tag points at."""
    with closing(SqliteDatabase(DATA / DATABASE_FILE)) as database:
        found = database.snapshot_now(manifests.by_tag, RepositoryName(name), TagName(tag))
    return found.digest if found else None


@pytest.mark.usefixtures("tree")
def test_everything_comes() -> None:
    """And a second run finds nothing new."""
    first, second = run(), run()

    assert first.exit_code == 0, first.output
    assert "Adopted: 1 manifests, 1 tags and 2 blobs of 0.0 MiB, in 1 repositories." in first.output
    assert "Known already: 1 manifests, 1 tags." in second.output
    assert points_at("team/app", "1") == IMAGE.digest


@pytest.mark.usefixtures("tree")
def test_names_are_chosen_and_put_below_another() -> None:
    """Patterns are those of grants."""
    assert run("--only", "other/**").exit_code == 0
    assert run("--only", "other/**", "--only", "team/*", "--into", "legacy", "--check", "digests").exit_code == 0

    assert (points_at("team/app", "1"), points_at("legacy/team/app", "1")) == (None, IMAGE.digest)
    assert isinstance(run("--into", "Legacy").exception, NameInvalid)


def test_problems_are_listed_and_make_the_status(tree: DistributionTree) -> None:
    """Also of a dry run, and as JSON."""
    tree.write("team/app/_manifests/tags/2/current/link", "x")

    shown, said = run("--dry-run"), run("--json")

    assert (shown.exit_code, said.exit_code) == (1, 1)
    assert "not taken over: team/app: tag 2: its link cannot be followed" in shown.output
    assert "Would be adopted: 1 manifests" in shown.output
    assert json.loads(said.stdout)["problems"] == 1


@pytest.mark.usefixtures("tree")
def test_the_last_run_is_the_last() -> None:
    """Once nobody else serves the tree."""
    run()

    assert "deleted there from now on" in run("--finish").output
    assert "It was so already." in run("--finish").output
    assert isinstance(run().exception, TreeIsOurs)


def test_there_may_be_nothing_to_adopt(monkeypatch: pytest.MonkeyPatch, tree: DistributionTree) -> None:
    """A storage in memory has no tree; a bucket may."""
    monkeypatch.setenv("ENTREPOT_STORAGE__URL", "memory://")
    assert isinstance(run().exception, NoTree)

    monkeypatch.setenv("ENTREPOT_STORAGE__URL", "s3://bucket/prefix")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    assert isinstance(open_tree(load()), S3Tree)
