# SPDX-License-Identifier: Apache-2.0
"""Copying everything that was gathered: blobs at once, then manifests in their order, then tags."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.distribution.closure import Closure
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.flow import Flow
from entrepot.oci.descriptor import Descriptor

MAX_PARALLEL = 64

Work = Callable[[Descriptor], Awaitable[None]]


@dataclass(slots=True)
class Report:
    """What a copy did; what it would do, where nothing was changed."""

    manifests: int = 0
    manifests_missing: int = 0
    blobs: Counter[Outcome] = field(default_factory=Counter)
    bytes_in_all: int = 0
    bytes_missing: int = 0
    """How much the target did not have."""
    seconds: float = 0.0


class Copying:
    """A copy from one place to another."""

    def __init__(
        self,
        source: Source,
        target: Target,
        flow: Flow,
        parallel: int = 4,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._target = target
        self._flow = flow
        self._parallel = min(max(1, parallel), MAX_PARALLEL)
        self._clock = clock

    async def run(self, closure: Closure) -> Report:
        """Copy it. What was copied before an error stays, so that another run has less to do."""
        started, tally = self._clock(), self._flow.tally
        tally.blobs_total, tally.bytes_total = len(closure.blobs), closure.blob_bytes
        tally.manifests_total = len(closure.manifests) + len(closure.tags)
        report = Report(len(closure.manifests), bytes_in_all=closure.blob_bytes + closure.manifest_bytes)
        await self._each(closure, lambda blob: self._copy(blob, report))
        for fetched in closure.manifests.values():
            if not await self._target.has_manifest(fetched.digest):
                report.manifests_missing += 1
                report.bytes_missing += len(fetched.payload)
            await self._target.put_manifest(fetched)
            tally.manifests_done += 1
        for tag, digest in closure.tags.items():
            await self._target.put_manifest(closure.manifests[digest], tag)
            tally.manifests_done += 1
        await self._target.finish()
        report.seconds = self._clock() - started
        return report

    async def look(self, closure: Closure) -> Report:
        """Return what `run` would do, and change nothing."""
        started = self._clock()
        report = Report(len(closure.manifests), bytes_in_all=closure.blob_bytes + closure.manifest_bytes)
        await self._each(closure, lambda blob: self._look(blob, report))
        for fetched in closure.manifests.values():
            if not await self._target.has_manifest(fetched.digest):
                report.manifests_missing += 1
                report.bytes_missing += len(fetched.payload)
        report.seconds = self._clock() - started
        return report

    async def _copy(self, blob: Descriptor, report: Report) -> None:
        outcome = await self._target.put_blob(blob, self._source, self._flow)
        report.blobs[outcome] += 1
        report.bytes_missing += 0 if outcome is Outcome.THERE else blob.size
        self._flow.tally.blobs_done += 1

    async def _look(self, blob: Descriptor, report: Report) -> None:
        is_there = await self._target.has_blob(blob)
        report.blobs[Outcome.THERE if is_there else Outcome.COPIED] += 1
        report.bytes_missing += 0 if is_there else blob.size

    async def _each(self, closure: Closure, work: Work) -> None:
        """Do something with every blob, so many at once; the first error ends the others."""
        waiting = iter(closure.blobs.values())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._parallel, len(closure.blobs))):
                    group.create_task(_one_after_another(waiting, work))
        except BaseExceptionGroup as errors:
            raise _first(errors) from None


async def _one_after_another(waiting: Iterator[Descriptor], work: Work) -> None:
    for each in waiting:
        await work(each)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
