# SPDX-License-Identifier: Apache-2.0
"""Rules about names as they are stored."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming.models import Rule
from entrepot.kernel.errors import InvalidRequest


class _StoredRule(msgspec.Struct, omit_defaults=True):
    """A rule as it is stored: types as text, so that one of a newer version does no harm to the others."""

    repositories: str
    names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    artifact_types: tuple[str, ...] = ()
    description: str = ""


def encode(rules: Sequence[Rule]) -> str:
    """Return rules as they are stored."""
    stored = [
        _StoredRule(
            each.repositories,
            each.names,
            each.tags,
            tuple(kind.value for kind in each.artifact_types),
            each.description,
        )
        for each in rules
    ]
    return msgspec.json.encode(stored).decode()


def decode(text: str) -> tuple[Rule, ...]:
    """Read rules; of what a newer version wrote, what this one does not understand is left out.

    Raises `ValueError` for what is no list of rules.
    """
    found: list[Rule] = []
    for each in msgspec.json.decode(text, type=list[_StoredRule]):
        with suppress(InvalidRequest):
            types = tuple(_known(each.artifact_types))
            found.append(Rule(each.repositories, each.names, each.tags, types, each.description))
    return tuple(found)


def _known(names: Sequence[str]) -> Iterator[ArtifactType]:
    for name in names:
        with suppress(ValueError):
            yield ArtifactType(name)
