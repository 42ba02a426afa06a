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
    """Answers `/readyz`; looks at most every two seconds, however often it is asked.

    What a check in `required` finds makes the process unready; what one in
    `advisory` finds is only told.
    """

    def __init__(
        self, required: Mapping[str, Check], advisory: Mapping[str, Check], monotonic: Callable[[], float]
    ) -> None:
        self._required = required
        self._advisory = advisory
        self._monotonic = monotonic
        self._findings: list[Finding] = []
        self._looked_at: float | None = None
        self._is_stopping = False
        self._turn = asyncio.Lock()

    def watch(self, required: Mapping[str, Check], advisory: Mapping[str, Check]) -> None:
        """Check these from now on, and nothing else."""
        self._required, self._advisory = required, advisory
        self._looked_at = None

    def stop(self) -> None:
        """Be unready from now on: the process finishes what it has begun, and wants nothing new."""
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
                found = await _look(self._required, is_required=True)
                found += await _look(self._advisory, is_required=False)
                if not self._is_stopping:
                    self._findings, self._looked_at = found, now
            return self._findings

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


async def _look(checks: Mapping[str, Check], *, is_required: bool) -> list[Finding]:
    found: list[Finding] = []
    for name, check in checks.items():
        reason = None
        try:
            await check()
        except AppError as error:
            reason = error.message
        found.append(Finding(name, reason, is_required))
    return found
