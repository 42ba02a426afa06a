# SPDX-License-Identifier: Apache-2.0
"""How many bytes clients were given, by repository: counted in memory, for whoever takes the sums away."""

from entrepot.registry.store.repositories import RepositoryId

MAX_REPOSITORIES = 100_000
"""Of so many at once the bytes are counted; without anybody who takes them, no more memory is used."""


class SentBytes:
    """Counts at the beginning of an answer what it announces, whether this server sends it or the bucket."""

    def __init__(self) -> None:
        self._bytes: dict[RepositoryId, int] = {}

    def add(self, repo_id: RepositoryId, size: int) -> None:
        """Count bytes that somebody is given from a repository. Costs a dictionary entry."""
        sums = self._bytes
        if repo_id in sums:
            sums[repo_id] += size
        elif len(sums) < MAX_REPOSITORIES:
            sums[repo_id] = size

    def take(self) -> dict[RepositoryId, int]:
        """Return what was counted since the last time."""
        taken, self._bytes = self._bytes, {}
        return taken
