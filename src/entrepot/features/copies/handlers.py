# SPDX-License-Identifier: Apache-2.0
"""Hearing what is said later about what was copied: a referrer that is pushed, a derived tag that is set."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.copies import store
from entrepot.features.copies.queueing import enqueue_following
from entrepot.infra.events.pacing import Doorbell
from entrepot.kernel.clock import Clock
from entrepot.oci.digest import Digest
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class LateReferrers:
    """A listener: has copies looked at again of which something was said in their source.

    What comes along is found out by the job; a job that is one too many finds nothing to do.
    """

    name = "copies"
    event_types = frozenset({EventType.MANIFEST_PUSHED.value, EventType.TAG_MOVED.value})

    def __init__(self, clock: Clock, doorbell: Doorbell) -> None:
        self._clock = clock
        self._doorbell = doorbell

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Enqueue one job for each copy that a batch of events is about."""
        now, about = self._clock(), _subjects(events)
        for source, (subjects, prefixes) in sorted(about.items()):
            for copy_id in sorted(store.following(connection, source, subjects, prefixes, now)):
                enqueue_following(connection, copy_id, now)
                self._doorbell.ring()


def _subjects(events: Sequence[Event]) -> dict[str, tuple[set[Digest], set[str]]]:
    """Return by repository what was said something about: digests, and how others begin."""
    found: dict[str, tuple[set[Digest], set[str]]] = {}
    for event in events:
        subjects, prefixes = found.setdefault(event.repository, (set(), set()))
        if event.subject is not None:
            subjects.add(event.subject)
        derived = subject_of_fallback_tag(event.tag) if event.tag else None
        if derived is None:
            continue
        if derived.digest is not None:
            subjects.add(derived.digest)
        else:
            prefixes.add(f"{derived.algorithm}:{derived.encoded_prefix}")
    return {name: about for name, about in found.items() if any(about)}
