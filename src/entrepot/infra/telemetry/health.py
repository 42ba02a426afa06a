# SPDX-License-Identifier: Apache-2.0
"""Whether this process can serve, and why not."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum

import msgspec

from entrepot.infra.http.response import Response
from entrepot.kernel.errors import AppError

FRESH_SECONDS = 2.0
LOOK_SECONDS = 2.0
"""How long anybody waits for a check: whoever asks has little patience too, and may not care what that one finds."""

Check = Callable[[], Awaitable[None]]
"""Raises `AppError` with what is wrong."""


class Verdict(StrEnum):
    """How a process is: `DEGRADED` serves everything, though something needs attention."""

    READY = "ready"
    DEGRADED = "degraded"
    UNREADY = "unready"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: nothing, or what is wrong. Without what is required, nothing can be served."""

    name: str
    reason: str | None
    is_required: bool


class Health:
    """Answers `/readyz`; looks at most every two seconds, however often it is asked, and never waits for long.

    What a check in `required` finds makes the process unready; what one in
    `advisory` finds is only told. One that does not come back has found that it does not.
    """

    def __init__(
        self,
        required: Mapping[str, Check],
        advisory: Mapping[str, Check],
        monotonic: Callable[[], float],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._required = required
        self._advisory = advisory
        self._monotonic = monotonic
        self._look_seconds = look_seconds
        self._under_way: dict[str, asyncio.Task[str | None]] = {}
        """The last of each check. One that was waited for in vain goes on, and there is no second one beside it."""
        self._findings: list[Finding] = []
        self._looked_at: float | None = None
        self._is_stopping = False
        self._turn = asyncio.Lock()

    def watch(self, required: Mapping[str, Check], advisory: Mapping[str, Check]) -> None:
        """Check these from now on, and nothing else."""
        self._give_up()
        self._required, self._advisory = required, advisory
        self._looked_at = None

    def stop(self) -> None:
        """Be unready from now on: the process finishes what it has begun, and wants nothing new."""
        self._give_up()
        self._is_stopping = True
        self._findings = [Finding("server", "it is stopping", is_required=True)]

    async def is_ready(self) -> bool:
        """Tell whether the process can serve."""
        return verdict_on(await self.findings()) is not Verdict.UNREADY

    async def findings(self) -> list[Finding]:
        """Return what the checks found, those of what is required first."""
        async with self._turn:  # who asks while somebody looks is told the same
            now = self._monotonic()
            if not self._is_stopping and (self._looked_at is None or now - self._looked_at >= FRESH_SECONDS):
                found = await self._look()
                if not self._is_stopping:
                    self._findings, self._looked_at = found, now
            return self._findings

    async def _look(self) -> list[Finding]:
        """Do all checks, beside each other."""
        checks = [(name, check, True) for name, check in self._required.items()]
        checks += [(name, check, False) for name, check in self._advisory.items()]
        reasons = await asyncio.gather(*(self._reason(name, check) for name, check, _ in checks))
        return [
            Finding(name, reason, is_required) for (name, _, is_required), reason in zip(checks, reasons, strict=True)
        ]

    async def _reason(self, name: str, check: Check) -> str | None:
        """Return what a check finds to be wrong, or that it says nothing."""
        task = self._under_way.get(name)
        if task is None or task.done():
            task = asyncio.create_task(_found(check))
        self._under_way[name] = task
        done, _ = await asyncio.wait([task], timeout=self._look_seconds)
        return task.result() if done else f"it has not answered for {self._look_seconds:g} s"

    def _give_up(self) -> None:
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()

    async def readiness(self, excluded: Collection[str] = ()) -> Response:
        """Return 200, or 503 with the reasons; what the checks named in `excluded` found is only told.

        Nothing is excluded from a process that stops.
        """
        found = await self.findings()
        if not self._is_stopping:
            found = [replace(each, is_required=each.is_required and each.name not in excluded) for each in found]
        reasons = list(_told(found, is_required=True))
        body = {
            "status": "unready" if reasons else "ready",
            "reasons": reasons,
            "warnings": list(_told(found, is_required=False)),
        }
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if reasons:
            headers.append((b"retry-after", b"5"))
        return Response(503 if reasons else 200, headers, msgspec.json.encode(body))


def verdict_on(findings: list[Finding]) -> Verdict:
    """Sum up."""
    wrong = [each for each in findings if each.reason is not None]
    if any(each.is_required for each in wrong):
        return Verdict.UNREADY
    return Verdict.DEGRADED if wrong else Verdict.READY


def _told(findings: list[Finding], *, is_required: bool) -> Iterator[str]:
    for each in findings:
        if each.reason is not None and each.is_required == is_required:
            yield f"{each.name}: {each.reason}"


async def _found(check: Check) -> str | None:
    try:
        await check()
    except AppError as error:
        return error.message
    return None
