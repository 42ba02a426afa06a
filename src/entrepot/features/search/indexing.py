# SPDX-License-Identifier: Apache-2.0
"""Keeping the index of artifacts: behind facts that become known, and behind what happens to manifests and labels."""

from collections import defaultdict
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.artifacts import ArtifactType
from entrepot.features.artifacts import described
from entrepot.features.labels import labels_of
from entrepot.features.search.entries import Entry
from entrepot.features.search.entries import Held
from entrepot.features.search.entries import entry_of
from entrepot.features.search.store import writing
from entrepot.infra.database.engine import Database
from entrepot.oci.digest import Digest
from entrepot.registry.store import artifacts
from entrepot.registry.store.repositories import RepositoryId

REPOSITORIES_AT_ONCE = 50
"""A digest may be in very many; so many are indexed in one transaction."""

Place = tuple[RepositoryId, Digest]


class ArtifactIndex:
    """The index of artifacts by what they are. Whatever is done twice has the same result.

    Facts are stored before `follow` is called. So whoever handles an event and finds none leaves the artifact to it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, digests: Sequence[Digest]) -> None:
        """Index manifests whose facts are known now, wherever they are."""
        for digest in digests:
            after = RepositoryId(0)
            while True:
                places = await self._database.read(writing.holders, digest, after, REPOSITORIES_AT_ONCE)
                if places:
                    await self._database.write(refresh, places)
                if len(places) < REPOSITORIES_AT_ONCE:
                    break
                after = places[-1][0]


def refresh(connection: Connection, places: Iterable[Place]) -> None:
    """Write what is known of these artifacts as they are now, and forget those that are gone."""
    wanted: defaultdict[RepositoryId, set[Digest]] = defaultdict(set)
    for repo_id, digest in places:
        wanted[repo_id].add(digest)
    for repo_id, digests in sorted(wanted.items()):
        _refresh(connection, repo_id, digests)


def _refresh(connection: Connection, repo_id: RepositoryId, digests: Collection[Digest]) -> None:
    held = writing.live(connection, repo_id, sorted(digests))
    here = {each.digest for each in held}
    writing.remove(connection, repo_id, sorted(set(digests) - here))
    known = set(described(connection, sorted(here)))
    if known:
        above = set(writing.parents(connection, repo_id, sorted(known))) - here
        held += writing.live(connection, repo_id, sorted(above)) if above else []
        writing.put(connection, repo_id, _entries(connection, repo_id, held))


def _entries(connection: Connection, repo_id: RepositoryId, held: Sequence[Held]) -> list[Entry]:
    """Return what is known of those whose facts are derived."""
    known = described(connection, [each.digest for each in held])
    indexes = [digest for digest, facts in known.items() if facts.type is ArtifactType.INDEX]
    children = artifacts.children_of(connection, repo_id, indexes) if indexes else {}
    parts = described(connection, sorted({child for some in children.values() for child in some}))
    labels = labels_of(connection, repo_id, sorted(known))
    return [
        entry_of(
            each,
            known[each.digest],
            [parts[child] for child in children.get(each.digest, ()) if child in parts],
            labels.get(each.digest, {}),
        )
        for each in held
        if each.digest in known
    ]
