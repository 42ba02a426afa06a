# SPDX-License-Identifier: Apache-2.0
"""Looking for tags, and for artifacts: in a few repositories one by one, or in all at once."""

import asyncio
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from sqlalchemy import Connection

from entrepot.features.search.models import FoundArtifact
from entrepot.features.search.models import FoundTag
from entrepot.features.search.models import H
from entrepot.features.search.models import Hits
from entrepot.features.search.models import Known
from entrepot.features.search.models import Row
from entrepot.features.search.store import names as store
from entrepot.features.search.territory import Territory
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import beginning_with
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId

ROWS_AT_ONCE = 500
REPOSITORIES_AT_ONCE = 50
"""How many are looked into before others have their turn: about a millisecond."""

BEFORE_ALL = RepositoryId(-1)


@dataclass(frozen=True, slots=True)
class Sort(Generic[H]):
    """Where things of one sort are found: `name_of` tells the repository of one."""

    inside: Callable[[Connection, Known, Span, int], list[Row[H]]]
    anywhere: Callable[[Connection, Span, RepositoryId, int], list[Row[H]]]
    name_of: Callable[[H], RepositoryName]


TAGS: Sort[FoundTag] = Sort(store.tags_in, store.tags_anywhere, lambda tag: tag.repository)
ARTIFACTS: Sort[FoundArtifact] = Sort(store.artifacts_in, store.artifacts_anywhere, lambda found: found.repository)


async def look_inside(
    territory: Territory, sort: Sort[H], places: Sequence[Known], beginning: str, limit: int
) -> Hits[H]:
    """Return what begins so in these repositories, in their order, at most `limit`."""
    found: list[H] = []
    checked = 0
    for number, place in enumerate(places, 1):
        span, size = beginning_with(beginning), limit + 1
        while True:
            rows = await territory.database.read(sort.inside, place, span, size)
            found += [row.hit for row in rows if row.hit is not None]
            checked += len(rows)
            if len(found) > limit or checked > territory.bounds.checked:
                return Hits(found, is_complete=False).cut(limit)
            if len(rows) < size:
                break
            span, size = Span(f"{rows[-1].key}-", span.end), ROWS_AT_ONCE
        if number % REPOSITORIES_AT_ONCE == 0:
            await asyncio.sleep(0)
    return Hits(found, is_complete=True)


async def look_everywhere(territory: Territory, sort: Sort[H], beginning: str, repository: str, limit: int) -> Hits[H]:
    """Return what begins so in readable repositories whose names contain `repository`, in order, at most `limit`."""
    found: list[H] = []
    span, behind = beginning_with(beginning), BEFORE_ALL
    for _ in range(0, territory.bounds.checked, ROWS_AT_ONCE):
        rows = await territory.database.read(sort.anywhere, span, behind, ROWS_AT_ONCE)
        hits = [row.hit for row in rows if row.hit is not None and repository in sort.name_of(row.hit)]
        readable = await territory.readable({sort.name_of(hit) for hit in hits})
        found += [hit for hit in hits if sort.name_of(hit) in readable]
        if len(rows) < ROWS_AT_ONCE or len(found) > limit:
            return Hits(found, is_complete=True).cut(limit)
        span, behind = Span(rows[-1].key, span.end), rows[-1].repo_id
        await asyncio.sleep(0)
    return Hits(found, is_complete=False).cut(limit)
