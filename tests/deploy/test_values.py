# SPDX-License-Identifier: Apache-2.0
"""Every value of the chart is explained, and known to its schema."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.server import ROOT

CHART = ROOT / "deploy/helm"
FREE = {"resources", "metrics.dashboard.labels"}
"""What stands in one line, or is Kubernetes' own."""


def values() -> Iterator[tuple[str, bool]]:
    """Yield each value of values.yaml by its path, and whether there is a comment right above it."""
    path: list[tuple[int, str]] = []
    is_explained = False
    for line in (CHART / "values.yaml").read_text().splitlines():
        key = re.match(r"( *)([A-Za-z0-9]+):", line)
        if key:
            path = [(depth, name) for depth, name in path if depth < len(key[1])]
            path.append((len(key[1]), key[2]))
            name = ".".join(each for _, each in path)
            if not any(name.startswith(f"{free}.") for free in FREE):
                yield name, is_explained
        is_explained = line.lstrip().startswith("#")


def in_schema(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield each value that the schema names, by its path."""
    for name, inner in schema.get("properties", {}).items():
        yield prefix + name
        yield from in_schema(inner, f"{prefix}{name}.")


def test_every_value_is_explained() -> None:
    """A comment above it says what it does; a group may be explained by its members."""
    paths = [name for name, _ in values()]
    groups = {name for name in paths if any(other.startswith(f"{name}.") for other in paths)}

    assert [name for name, is_explained in values() if not is_explained and name not in groups] == []


def test_the_schema_knows_every_value_and_no_other() -> None:
    """What is misspelled is refused, and what is there is not."""
    schema = json.loads((CHART / "values.schema.json").read_text())

    assert set(in_schema(schema)) - {"global"} == {name for name, _ in values()}


def test_everything_but_what_kubernetes_defines_is_closed() -> None:
    """A group of our own takes nothing that is unknown."""
    schema = json.loads((CHART / "values.schema.json").read_text())

    def open_groups(inner: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "properties" in inner:
            yield from ([inner] if inner.get("additionalProperties") is not False else [])
            for each in inner["properties"].values():
                yield from open_groups(each)

    assert list(open_groups(schema)) == []


def test_values_are_used() -> None:
    """Nothing is explained that does nothing."""
    text = "".join(file.read_text() for file in (CHART / "templates").iterdir())

    assert [name for name, _ in values() if not re.search(rf"\.{name.rpartition('.')[2]}\b", text)] == []


def test_no_value_is_a_secret() -> None:
    """Secrets are named, and never given."""
    text = (CHART / "values.yaml").read_text()
    given = re.findall(r"^ *([A-Za-z]*(?:[Pp]assword|[Tt]oken)): *(.*)$", text, re.MULTILINE)

    assert given == []
