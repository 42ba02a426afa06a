# SPDX-License-Identifier: Apache-2.0
"""Whether this process can serve, and why not."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping

import msgspec

from entrepot.infra.http.response import Response
from entrepot.kernel.errors import AppError

FRESH_SECONDS = 2.0

Check = Callable[[], Awaitable[None]]
"""Raises `AppError` with what is wrong."""


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
        self._reasons: list[str] = []
        self._warnings: list[str] = []
        self._looked_at: float | None = None
        self._is_stopping = False

    def stop(self) -> None:
        """Be unready from now on: the process finishes what it has begun, and wants nothing new."""
        self._is_stopping = True
        self._reasons, self._warnings = ["server: it is stopping"], []

    async def is_ready(self) -> bool:
        """Tell whether the process can serve."""
        await self._look()
        return not self._reasons

    async def readiness(self) -> Response:
        """Return 200, or 503 with the reasons."""
        is_ready = await self.is_ready()
        status = "ready" if is_ready else "unready"
        body = {"status": status, "reasons": self._reasons, "warnings": self._warnings}
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if not is_ready:
            headers.append((b"retry-after", b"5"))
        return Response(200 if is_ready else 503, headers, msgspec.json.encode(body))

    async def _look(self) -> None:
        if self._is_stopping:
            return
        now = self._monotonic()
        if self._looked_at is None or now - self._looked_at >= FRESH_SECONDS:
            self._reasons = await _findings(self._required)
            self._warnings = await _findings(self._advisory)
            self._looked_at = now


async def _findings(checks: Mapping[str, Check]) -> list[str]:
    found: list[str] = []
    for name, check in checks.items():
        try:
            await check()
        except AppError as error:
            found.append(f"{name}: {error.message}")
    return found
