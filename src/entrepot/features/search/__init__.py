# SPDX-License-Identifier: Apache-2.0
"""Finding what somebody may read: by a part of its name while they type, and artifacts by what they are.

Projects, repositories, tags and artifacts are found by their names as those are. Artifacts are found by type, platform,
labels, annotations, commit, size and dates, through an index that follows behind the facts about them
(`ArtifactIndex`). Both look at a bounded number of rows, and say when there may be more. See docs/how-to/search.md.
"""

from entrepot.features.search.indexing import ArtifactIndex
from entrepot.features.search.service import Search

__all__ = ["ArtifactIndex", "Search"]
