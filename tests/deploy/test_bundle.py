# SPDX-License-Identifier: Apache-2.0
"""The bundle's parts: the lock file as it is read, the bill of materials, and an archive without time or owner."""

import os
import zipfile
from pathlib import Path

import pytest

from dev.bundle import checksums
from dev.bundle import pack
from dev.sbom import Release
from dev.sbom import Unlocked
from dev.sbom import bill_of_materials
from dev.sbom import locked_packages
from tests.server import ROOT

LOCK = """\
greeter==1.2.0 ; sys_platform == 'linux' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via
    #   entrepot (pyproject.toml)
    #   hello-world
hello-world==3.0 \\
    --hash=sha256:cc
    # via entrepot (pyproject.toml)
"""
CONSOLE = '{"packages": {"": {}, "node_modules/@a/b": {"version": "1", "license": "MIT", "integrity": "sha512-AAEC"}, \
"node_modules/tool": {"version": "2", "dev": true, "integrity": "sha512-AAEC"}}}'


def a_wheel(folder: Path, name: str, version: str, licence: str) -> None:
    """Put a wheel with nothing but its metadata into `folder`."""
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}-{version}.dist-info/METADATA", f"Name: {name}\n{licence}\n\nText\n")


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A release of two packages and one of the console."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    a_wheel(wheels, "greeter", "1.2.0", "License-Expression: MIT OR Apache-2.0")
    a_wheel(wheels, "hello_world", "3.0", "Classifier: License :: OSI Approved :: BSD License")
    a_wheel(wheels, "entrepot", "9", "License-Expression: Apache-2.0")
    (tmp_path / "runtime.lock").write_text(LOCK)
    (tmp_path / "package-lock.json").write_text(CONSOLE)
    return Release("9", 0, tmp_path / "runtime.lock", tmp_path / "package-lock.json", wheels)


def test_a_lock_file_is_read() -> None:
    """Name, version, where it is needed, and by whom."""
    greeter, hello = locked_packages(LOCK)

    assert (greeter.name, greeter.version, greeter.marker) == ("greeter", "1.2.0", "sys_platform == 'linux'")
    assert (greeter.needed_by, hello.needed_by) == (("entrepot", "hello-world"), ("entrepot",))


def test_what_is_locked_is_the_same_for_every_python() -> None:
    """Wheels are fetched by one Python for the others, which judges conditions for itself."""
    packages = locked_packages((ROOT / "requirements/runtime.lock").read_text())

    assert len(packages) > 50
    assert [each.name for each in packages if "python" in each.marker or "machine" in each.marker] == []


def test_a_bill_of_materials_names_packages_licences_and_needs(release: Release) -> None:
    """What is only needed to build the console is not in it."""
    document = bill_of_materials(release)

    names = {each["name"]: each["licenses"][0]["license"]["name"] for each in document["components"]}  # type: ignore[attr-defined]
    assert names == {"greeter": "MIT OR Apache-2.0", "hello-world": "BSD License", "@a/b": "MIT"}
    assert document["dependencies"][0] == {  # type: ignore[index]
        "ref": "pkg:pypi/entrepot@9",
        "dependsOn": ["pkg:npm/%40a/b@1", "pkg:pypi/greeter@1.2.0", "pkg:pypi/hello-world@3.0"],
    }
    assert document == bill_of_materials(release)


@pytest.mark.parametrize(("name", "version"), [("stranger", "1"), ("greeter", "1.3")])
def test_a_wheel_that_is_not_locked_is_refused(release: Release, name: str, version: str) -> None:
    """Neither a package that nobody asks for, nor another version."""
    a_wheel(release.wheels, name, version, "License: MIT")

    with pytest.raises(Unlocked, match=name):
        bill_of_materials(release)


def test_an_archive_shows_neither_time_nor_owner(tmp_path: Path) -> None:
    """Two folders with the same files give the same bytes."""
    archives = []
    for name, moment in (("a", 1), ("b", 2_000_000_000)):
        folder = tmp_path / name / "entrepot-9"
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "script").write_text("#!/bin/sh\n")
        (folder / "inner" / "script").chmod(0o755 if name == "a" else 0o700)
        os.utime(folder / "inner" / "script", (moment, moment))
        pack(folder, tmp_path / f"{name}.tar.gz", 1_700_000_000)
        archives.append((tmp_path / f"{name}.tar.gz").read_bytes())

    assert archives[0] == archives[1]


def test_checksums_are_of_every_file_in_order(tmp_path: Path) -> None:
    """As `sha256sum` writes and reads them."""
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c").write_bytes(b"")

    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert checksums(tmp_path) == f"{empty}  a/c\n{empty}  b\n"
