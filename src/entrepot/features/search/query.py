# SPDX-License-Identifier: Apache-2.0
"""What somebody may mean by what they typed."""

import re
from dataclasses import dataclass

from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import MAX_TAG_CHARACTERS

SHORTEST_BARE_DIGEST = 6
"""How many characters of a digest without its algorithm are more than a word that happens to be hexadecimal."""

_PART_OF_NAME = re.compile(rf"[a-z0-9._/-]{{0,{MAX_NAME_CHARACTERS}}}")
_BEGINNING_OF_TAG = re.compile(rf"(?:[a-zA-Z0-9_][a-zA-Z0-9._-]{{0,{MAX_TAG_CHARACTERS - 1}}})?")
_BEGINNING_OF_DIGEST = re.compile(rf"(?:({'|'.join(ALGORITHMS)}):)?([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Something in a repository: how it begins, and what the repository's name contains, empty for any."""

    beginning: str
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Every sense of what was typed.

    `name` is contained in the names of projects and repositories; empty for none. A digest begins in
    one of several ways when its algorithm was left out.
    """

    name: str = ""
    tag: Place | None = None
    digests: tuple[Place, ...] = ()


def parse_query(text: str) -> Query:
    """Read a query. No text is wrong; there are some that nothing can be called."""
    text = text.strip()
    name = _part_of_name(text) or ""
    whole = _places_of_digest("", text)
    if whole and ":" in text:
        return Query(digests=whole)
    repository, at, digest = text.rpartition("@")
    if at:
        return Query(digests=_places_of_digest(repository, digest))
    return Query(name, _place_of_tag(text), whole)


def _place_of_tag(text: str) -> Place | None:
    """Read `tag` and `repository:tag`; with a repository the tag may be left out."""
    before, _, tag = text.rpartition(":")
    repository = _part_of_name(before)
    is_tag = _BEGINNING_OF_TAG.fullmatch(tag) is not None
    return Place(tag, repository) if is_tag and repository is not None and (tag or repository) else None


def _places_of_digest(before: str, text: str) -> tuple[Place, ...]:
    match = _BEGINNING_OF_DIGEST.fullmatch(text.lower())
    repository = _part_of_name(before)
    if match is None or repository is None:
        return ()
    algorithm, encoded = match.groups()
    if algorithm:
        return (Place(f"{algorithm}:{encoded}", repository),)
    if len(encoded) < SHORTEST_BARE_DIGEST:
        return ()
    return tuple(Place(f"{each}:{encoded}", repository) for each in ALGORITHMS)


def _part_of_name(text: str) -> str | None:
    """Return a part of a name as names have it, None when no name has it."""
    lower = text.lower()
    return lower if _PART_OF_NAME.fullmatch(lower) else None
