# SPDX-License-Identifier: Apache-2.0
"""Which versions a moving tag such as `1.4` or `latest` follows, without I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.oci.version_order import NO_VERSION
from entrepot.oci.version_order import version_key

_PARTS = re.compile(r"[vV]?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:-(?P<suffix>[^_]*))?(?:_.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A version, read: its numbers, and what follows the hyphen."""

    numbers: tuple[int, ...]
    suffix: str | None


def is_version(tag: str) -> bool:
    """Tell whether a tag is a version, as `oci.version_order` sees it."""
    return version_key(tag) != NO_VERSION


def is_within(moving: str, tag: str) -> bool:
    """Tell whether `tag` is a version that the moving tag follows.

    | moving tag | versions it follows |
    |---|---|
    | `latest`, `stable`, any that is no version | all with at least two numbers |
    | `1` | `1.4`, `1.4.2`, and so on |
    | `1.4` | `1.4.2`, and no pre-release |
    | `1.4-alpine` | `1.4.2-alpine` |

    A `v` in front says nothing.
    """
    version, prefix = _parts(tag), _parts(moving)
    if version is None or len(version.numbers) < 2:
        return False
    if prefix is None:
        return True
    depth = len(prefix.numbers)
    return (
        len(version.numbers) > depth and version.numbers[:depth] == prefix.numbers and version.suffix == prefix.suffix
    )


def newest(moving: str, tags: Iterable[str]) -> str:
    """Return the highest of the versions among `tags` that the moving tag follows; empty if there is none."""
    return max((tag for tag in tags if is_within(moving, tag)), key=lambda tag: (version_key(tag), tag), default="")


def is_newer(moving: str, before: Iterable[str], now: Iterable[str]) -> bool:
    """Tell whether what has the tags `now` is newer, to a moving tag, than what has the tags `before`.

    It carries a version that the moving tag follows, and that is above every such version of the other.
    """
    latest = newest(moving, now)
    return bool(latest) and version_key(latest) > version_key(newest(moving, before) or "")


def next_after(moving: str, version: str) -> str:
    """Return an example of a version that a moving tag goes on to from `version`, or begins with if that is empty."""
    prefix, parts = _parts(moving), _parts(version)
    suffix = prefix.suffix if prefix else None
    if parts is not None:
        numbers: tuple[int, ...] = (*parts.numbers[:-1], parts.numbers[-1] + 1)
    elif prefix is not None:
        numbers = (*prefix.numbers, *(0 for _ in range(max(1, 3 - len(prefix.numbers)))))
    else:
        numbers = (1, 0, 0)
    v = (version or moving)[:1]
    named = ".".join(map(str, numbers)) + (f"-{suffix}" if suffix else "")
    return f"{v}{named}" if v in "vV" and v and (parts or prefix) else named


def _parts(tag: str) -> _Parts | None:
    if not is_version(tag):
        return None
    found = _PARTS.fullmatch(tag)
    if found is None:
        return None
    return _Parts(tuple(int(number) for number in found["numbers"].split(".")), found["suffix"])
