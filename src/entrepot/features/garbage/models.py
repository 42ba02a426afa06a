# SPDX-License-Identifier: Apache-2.0
"""What runs and sweeps of the collector did."""

from collections import Counter
from enum import StrEnum

import msgspec

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.reclaim import Deleted
from entrepot.registry.reclaim import Outcome
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.collection_figures import Amounts
from entrepot.registry.store.collection_figures import add_up
from entrepot.registry.store.collection_figures import amounts_of
from entrepot.registry.store.reclaim import Holder

MAX_ERROR_CHARACTERS = 500
MAX_LISTED = 100


class Task(StrEnum):
    """What is done in the background: the kinds of its jobs, and the names of its schedules."""

    COLLECT = "garbage.collect"
    SWEEP = "garbage.sweep"
    REHASH = "garbage.rehash"


class Wish(msgspec.Struct, frozen=True):
    """What a job of each kind is given: who wants it, empty for the schedule."""

    by: str = ""


class Report(msgspec.Struct, omit_defaults=True):
    """What a run did so far.

    `dead` are the objects that lost their last use in it, whose bytes go after the grace;
    `deleted` those whose bytes it deleted. `kept` counts what was to go and is needed, by what needs it.
    """

    manifests: int = 0
    links: int = 0
    blobs: int = 0
    uploads: int = 0
    holds: int = 0
    dead: Amounts = {}
    deleted: Amounts = {}
    kept: dict[Holder, int] = {}
    failures: int = 0
    error: str = ""
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count what a step did."""
        self.manifests += outcome.manifests
        self.links += outcome.links
        self.blobs += outcome.blobs
        add_up(self.dead, amounts_of(outcome.dead))
        for holder, count in Counter(each.held.by for each in outcome.kept).items():
            self.kept[holder] = self.kept.get(holder, 0) + count

    def add_deleted(self, deleted: Deleted) -> None:
        """Count objects whose bytes are gone, and those whose bytes could not be deleted."""
        add_up(self.deleted, amounts_of(deleted.objects))
        if deleted.failures:
            self.fail(deleted.error, deleted.failures)

    def fail(self, error: str, count: int = 1) -> None:
        """Count failures, and keep what one of them said."""
        self.failures += count
        self.error = error[:MAX_ERROR_CHARACTERS]

    @property
    def done(self) -> int:
        """How many things it removed."""
        deleted = sum(amount.objects for amount in self.deleted.values())
        return self.manifests + self.links + self.blobs + self.uploads + self.holds + deleted

    @property
    def is_empty(self) -> bool:
        """Whether it is not worth remembering."""
        return not self.done and not self.failures


class Swept(msgspec.Struct, frozen=True):
    """What a sweep found: blobs that the collector had overlooked, and bytes that no row named."""

    finished_at: Milliseconds
    requeued: int
    orphans: Amount


class ReadAgain(msgspec.Struct, frozen=True):
    """What was read again in a day, and what of it was damaged: at most `MAX_LISTED` digests."""

    finished_at: Milliseconds
    read: Amount
    damaged: list[Digest]


class Pause(msgspec.Struct, frozen=True):
    """Who made collection stand still, and when."""

    by: str
    at: Milliseconds
