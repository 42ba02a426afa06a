# SPDX-License-Identifier: Apache-2.0
"""`entrepot backup` and `entrepot restore`, as they are typed."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.entry.cli import application
from entrepot.kernel.errors import AppError
from tests.builders.backups import a_place
from tests.builders.backups import a_stored_core
from tests.builders.databases import SERVER
from tests.builders.databases import section
from tests.builders.manifests import an_image_manifest


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a registry with one image that has a tag."""
    folder = tmp_path / "data"
    with a_stored_core(folder) as running:
        asyncio.run(running.put_image(an_image_manifest(), "latest"))
    use(monkeypatch, folder)
    return folder


def use(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let commands find the database of a folder, on the engine that the tests run on."""
    if SERVER:
        url = section(folder).url
        assert url is not None
        monkeypatch.setenv("ENTREPOT_DATABASE__URL", url.get_secret_value())


def run(*arguments: object) -> Result:
    """Run a command; what it refuses is raised."""
    done = CliRunner().invoke(application, list(map(str, arguments)))
    if isinstance(done.exception, AppError):
        raise done.exception
    return done


def test_a_backup_is_taken_and_restored(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And verified in between, and listed until it is removed."""
    made = run("backup", "create", "--to", tmp_path / "to", "--name", "first", "--with-blobs", "--data", data)
    file = tmp_path / "to" / "first.backup"

    assert "instance.key" in made.stdout
    assert "2 blobs looked at, 0 missing" in run("backup", "verify", file, "--deep").stdout
    assert len(run("backup", "inventory", file).stdout.splitlines()) == 2
    [listed] = json.loads(run("backup", "list", "--data", data, "--output", "json").stdout)["items"]
    assert (listed["name"], listed["state"], listed["tags"]) == ("first", "kept", 1)

    other = a_place(tmp_path / "other", key_of=data).data_dir
    use(monkeypatch, other)
    done = run("restore", file, "--data", other, "--verify")

    assert "2 blobs came back" in done.stdout
    assert done.exit_code == 0
    assert "left as it is" in run("backup", "remove", "first", "--keep-file", "--data", other).stdout
    assert "ended" in run("backup", "show", "first", "--data", other).stdout


def test_a_lost_blob_is_an_exit_status(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1, with the tag that cannot be pulled."""
    run("backup", "create", "--to", tmp_path / "to", "--name", "first", "--data", data)
    other = a_place(tmp_path / "other", key_of=data).data_dir
    use(monkeypatch, other)

    done = run("restore", tmp_path / "to" / "first.backup", "--data", other, "--verify")

    assert done.exit_code == 1
    assert "cannot be pulled: team/app:latest" in done.stdout


def test_a_drill_is_reported(data: Path, tmp_path: Path) -> None:
    """With a backup of its own; the report can be checked with nothing but the public key."""
    report, key = tmp_path / "drill.json", tmp_path / "instance.jwk"

    done = run("backup", "drill", "--fresh", "--report", report, "--data", data)

    assert json.loads(done.stdout)["tags_pulled"] == 1
    key.write_text(json.loads(report.read_text())["public_key"])
    assert json.loads(run("backup", "report", report, "--key", key).stdout) == json.loads(done.stdout)
    assert run("backup", "report", report, "--data", data).exit_code == 0
    key.write_text("{}")
    with pytest.raises(AppError, match="not signed"):
        run("backup", "report", report, "--key", key)


def test_a_drill_is_noted_beside_the_backup(data: Path, tmp_path: Path) -> None:
    """How old it was (RPO), and how long it took (RTO), as the signed report says; a lost blob is told as failure."""
    run("backup", "create", "--to", tmp_path / "to", "--name", "first", "--data", data)

    signed = json.loads(run("backup", "drill", "--data", data).stdout)

    noted = json.loads(run("backup", "show", "first", "--data", data, "--output", "json").stdout)["drill"]
    shared = ("recovery_point_seconds", "recovery_time_seconds", "objects_lost", "tags_pulled", "tags_failed")
    assert {name: noted[name] for name in shared} == {name: signed[name] for name in shared}
    assert signed["recovery_time_seconds"] > 0
    assert noted["is_good"]
    [lost, *_] = [each for each in (data / "blobs" / "objects").rglob("*") if each.is_file()]
    lost.unlink()
    assert run("backup", "drill", "--tags", 0, "--data", data).exit_code == 1
    noted = json.loads(run("backup", "show", "first", "--data", data, "--output", "json").stdout)["drill"]
    assert (noted["is_good"], noted["objects_lost"]) == (False, 1)


def test_a_name_is_plain(data: Path, tmp_path: Path) -> None:
    """It becomes the name of a file."""
    assert run("backup", "create", "--to", tmp_path / "to", "--name", "../up", "--data", data).exit_code == 2
