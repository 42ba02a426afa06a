# SPDX-License-Identifier: Apache-2.0
"""Names of repositories and tags (distribution-spec, "Pulling manifests")."""

import re
from typing import NewType

from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.errors import NameInvalid
from entrepot.oci.errors import TagInvalid

RepositoryName = NewType("RepositoryName", str)
"""Lower-case path segments with slashes between them, checked by `parse_repository_name`."""

TagName = NewType("TagName", str)
"""At most 128 letters, digits, underscores, dots and hyphens, checked by `parse_tag`."""

MAX_NAME_CHARACTERS = 200
"""Longest repository name accepted.

Many clients bound `<host>[:<port>]/<name>` by 255 characters (distribution-spec);
200 leaves 54 for the host, so that a name which one client pushes every client can pull.
"""

MAX_TAG_CHARACTERS = 128

# Each separator ends where a letter or digit starts, so there is one way to match a
# text and a mismatch is found in time linear in its length.
_SEGMENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
NAME_GRAMMAR = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*", re.ASCII)
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", re.ASCII)

_SHOWN_CHARACTERS = 80
_NAME_HINT = (
    "A repository name is made of lower-case letters and digits, with one '.', one or two '_' or any number of '-' "
    "between them, in segments separated by '/'."
)
_TAG_HINT = (
    f"A tag is at most {MAX_TAG_CHARACTERS} letters, digits, '_', '.' and '-', and starts with a letter, digit or '_'."
)


def parse_repository_name(text: str) -> RepositoryName:
    """Check that `text` names a repository, or raise `NameInvalid`."""
    if len(text) > MAX_NAME_CHARACTERS:
        raise NameInvalid(
            f"The repository name has {len(text)} characters; at most {MAX_NAME_CHARACTERS} are accepted.",
            hint="Choose a shorter name: many clients limit host and name together to 255 characters.",
        )
    if not NAME_GRAMMAR.fullmatch(text):
        raise NameInvalid(f"{text!r} is not a repository name.", hint=_NAME_HINT)
    return RepositoryName(text)


def parse_tag(text: str) -> TagName:
    """Check that `text` can be a tag, or raise `TagInvalid`."""
    if not _TAG.fullmatch(text):
        raise TagInvalid(f"{text[:_SHOWN_CHARACTERS]!r} is not a tag.", hint=_TAG_HINT)
    return TagName(text)


def parse_reference(text: str) -> Digest | TagName:
    """Read the last segment of a manifest URL: with a colon it is a digest, else a tag.

    Raises `DigestInvalid` or `TagInvalid`.
    """
    return parse_digest(text) if ":" in text else parse_tag(text)


def namespace_of(name: RepositoryName) -> str:
    """Return the first segment, which decides the project that a repository belongs to."""
    return name.partition("/")[0]
