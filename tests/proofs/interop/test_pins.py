# SPDX-License-Identifier: Apache-2.0
"""The pinned suite and clients are one version each, held to committed sums of all that they are made of."""

import re

import pytest

from tests.interop.clients.catalogue import CLIENTS
from tests.interop.tools import SUITE
from tests.interop.tools import load_pins

REQUIREMENT = re.compile(r"^(?:require\s+|\t)(\S+) (v\S+)", re.MULTILINE)
SUM = re.compile(r"^(\S+) (v\S+) h1:[A-Za-z0-9+/]{43}=$", re.MULTILINE)


def test_the_module_requires_the_pinned_version() -> None:
    """pins.toml and go.mod name the same version of the same module."""
    pinned = load_pins().pinned

    assert (pinned.module, pinned.version) in REQUIREMENT.findall((SUITE / "go.mod").read_text())


def test_every_required_module_has_a_sum() -> None:
    """No module is taken on trust."""
    required = REQUIREMENT.findall((SUITE / "go.mod").read_text())
    sums = SUM.findall((SUITE / "go.sum").read_text())

    assert len(required) > 10
    assert set(required) <= set(sums)


@pytest.mark.parametrize("name", load_pins().go)
def test_a_client_in_go_is_one_version_with_its_sum(name: str) -> None:
    """A pin says exactly which files are built."""
    pin = load_pins().go[name]

    assert re.fullmatch(r"v\d+\.\d+\.\d+", pin.version)
    assert re.fullmatch(r"h1:[A-Za-z0-9+/]{43}=", pin.sum)


@pytest.mark.parametrize("name", load_pins().python)
def test_a_client_in_python_is_locked_with_all_that_it_needs(name: str) -> None:
    """The lock file has the required version, and a hash for every package."""
    pin = load_pins().python[name]
    packages = re.findall(r"^(\S+==\S+)( ;[^\\\n]*)? \\\n    --hash=sha256:", pin.lock.read_text(), re.MULTILINE)

    assert pin.requirement in [package for package, _ in packages]
    assert len(packages) == pin.lock.read_text().count("==")


def test_every_client_is_pinned() -> None:
    """What a client is made of is a Debian package, a Go module or a Python package of pins.toml."""
    pins = load_pins()

    assert {need for client in CLIENTS.values() for need in client.needs} <= {*pins.packages, *pins.go, *pins.python}
