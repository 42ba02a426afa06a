# SPDX-License-Identifier: Apache-2.0
"""What events say about when tags and manifests were last used.

A use is whatever a client asks for a manifest: GET and HEAD alike, by a tag or by
a digest. Asked by a tag, it is a use of that tag and of the manifest that the tag
pointed at. What Entrepot itself reads is in no event.
"""

from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.events import Event


@dataclass(frozen=True, slots=True)
class NewestUses:
    """The newest use of each tag and of each manifest, by repository."""

    tags: dict[tuple[RepositoryName, TagName], Milliseconds] = field(default_factory=dict)
    artifacts: dict[tuple[RepositoryName, Digest], Milliseconds] = field(default_factory=dict)


def newest_uses(events: Iterable[Event], ignored: Collection[str], now: Milliseconds) -> NewestUses:
    """Return the newest uses, without those by principals of these identities.

    In whatever order events come, and however often, the result is the same. An event from a clock that is
    ahead is one of `now`, so that nothing seems used in times to come.
    """
    newest = NewestUses()
    tags, artifacts = newest.tags, newest.artifacts
    for event in events:
        at = min(event.occurred_at, now)
        for use in event.uses:
            if use.principal in ignored:
                continue
            repository = RepositoryName(use.repository)
            by_digest = repository, use.digest
            artifacts[by_digest] = max(artifacts.get(by_digest, at), at)
            if use.tag is not None:
                by_tag = repository, TagName(use.tag)
                tags[by_tag] = max(tags.get(by_tag, at), at)
    return newest
