# SPDX-License-Identifier: Apache-2.0
"""What the files below `docker/registry/v2/repositories` are, by their paths.

    <name>/_layers/<algorithm>/<hex>/link               the repository has this blob
    <name>/_manifests/revisions/<algorithm>/<hex>/link  it has this manifest
    <name>/_manifests/tags/<tag>/current/link           the tag points at the manifest that the file names
    <name>/_manifests/tags/<tag>/index/…, <name>/_uploads/…     of no use to anybody else

No segment of a name begins with `_`, so names may lie inside each other.
"""

import re
from enum import Enum
from typing import NamedTuple

from entrepot.infra.storage.adopted import TREE

REPOSITORIES = f"{TREE}repositories/"


class Kind(Enum):
    """What a file says."""

    LAYER = "layer"
    MANIFEST = "manifest"
    TAG = "tag"


class Place(NamedTuple):
    """A file of a repository: what it says of which digest or tag."""

    repository: str
    kind: Kind
    what: str


_FILE = re.compile(
    r"(?P<name>.+?)/_(?:layers/(?P<layer>[^/]+/[^/]+)|manifests/(?:revisions/(?P<manifest>[^/]+/[^/]+)"
    r"|tags/(?P<tag>[^/]+)/current))/link",
    re.DOTALL,
)


def placed(path: str) -> Place | None:
    """Tell what a file below `REPOSITORIES` is; None for one that adopting has no use for.

    The digest or the tag is as it was written: nobody has checked it.
    """
    match = _FILE.fullmatch(path.removeprefix(REPOSITORIES))
    if match is None or "/_" in match["name"]:
        return None
    for kind in (Kind.LAYER, Kind.MANIFEST):
        if (found := match[kind.value]) is not None:
            return Place(match["name"], kind, found.replace("/", ":"))
    return Place(match["name"], Kind.TAG, match["tag"])


def repository_of(path: str) -> str:
    """Return the name of the repository that a path is in, as far as it tells."""
    return path.removeprefix(REPOSITORIES).partition("/_")[0]
