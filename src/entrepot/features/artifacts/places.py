# SPDX-License-Identifier: Apache-2.0
"""The cursors of lists that are not sorted by name: what a page begins behind, as text and back."""

from enum import StrEnum

from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import key_of
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.store.listed_artifacts import LONGEST
from entrepot.registry.store.listed_artifacts import BinPlace
from entrepot.registry.store.listed_artifacts import PushPlace
from entrepot.registry.store.listed_tags import NO_TIME
from entrepot.registry.store.listed_tags import TaggedManifest
from entrepot.registry.store.listed_tags import TagOrder
from entrepot.registry.store.listed_tags import TagPlace

MAX_TIME_DIGITS = 18

_BY_TIME = frozenset({TagOrder.UPDATED, TagOrder.NEWEST})


class ArtifactOrder(StrEnum):
    """How artifacts may be sorted."""

    OLDEST = "pushed"
    NEWEST = "-pushed"


def tag_cursor(order: TagOrder, last: TaggedManifest) -> str:
    """Name a tag so that the next page can begin behind it."""
    return f"{last.updated_at}:{last.name}" if order in _BY_TIME else last.name


def tag_place(order: TagOrder, cursor: str) -> TagPlace | None:
    """Return the place that a cursor of `tag_cursor` names, None for the first page. Raises `InvalidCursor`."""
    key = key_of(cursor)
    if not key:
        return None
    if order not in _BY_TIME:
        return TagPlace(key, NO_TIME)
    updated_at, name = _time_and_name(key)
    return TagPlace(name, updated_at)


def push_cursor(last: PushPlace) -> str:
    """Name the place of an artifact so that the next page can begin behind it."""
    return f"{last.pushed_at}:{last.digest}"


def push_place(cursor: str) -> PushPlace | None:
    """Return the place that a cursor of `push_cursor` names, None for the first page. Raises `InvalidCursor`."""
    key = key_of(cursor)
    return PushPlace(*_time_and_name(key)) if key else None


def bin_cursor(last: BinPlace) -> str:
    """Name the place of a deleted artifact so that the next page can begin behind it."""
    return f"{last.restorable_until}:{last.digest}"


def bin_place(cursor: str) -> BinPlace:
    """Return the place that a cursor of `bin_cursor` names, the beginning without one. Raises `InvalidCursor`."""
    key = key_of(cursor)
    return BinPlace(*_time_and_name(key)) if key else LONGEST


def _time_and_name(key: str) -> tuple[Milliseconds, str]:
    time, colon, name = key.partition(":")
    if not (colon and time.isascii() and time.isdigit() and len(time) <= MAX_TIME_DIGITS):
        raise InvalidCursor
    return Milliseconds(int(time)), name
