# SPDX-License-Identifier: Apache-2.0
"""Whether this process can serve: the database answers and every store takes and returns bytes."""

from collections.abc import Callable
from collections.abc import Collection

import msgspec

from entrepot.infra.database.engine import Database
from entrepot.infra.http.response import Response
from entrepot.infra.storage.interface import Storage
from entrepot.kernel.errors import AppError

FRESH_SECONDS = 2.0


class Health:
    """Answers `/readyz`; looks at most every two seconds, however often it is asked."""

    def __init__(self, database: Database, stores: Collection[Storage], monotonic: Callable[[], float]) -> None:
        self._database = database
        self._stores = stores
        self._monotonic = monotonic
        self._problems: list[str] = []
        self._looked_at: float | None = None

    async def readiness(self) -> Response:
        """Return 200, or 503 with the reasons."""
        now = self._monotonic()
        if self._looked_at is None or now - self._looked_at >= FRESH_SECONDS:
            self._problems = await self._look()
            self._looked_at = now
        body = {"status": "unready" if self._problems else "ready", "reasons": self._problems}
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if self._problems:
            headers.append((b"retry-after", b"5"))
        return Response(503 if self._problems else 200, headers, msgspec.json.encode(body))

    async def _look(self) -> list[str]:
        problems: list[str] = []
        try:
            await self._database.ping()
        except AppError as error:
            problems.append(f"database: {error.message}")
        for storage in self._stores:
            try:
                await storage.check()
            except AppError as error:
                problems.append(f"storage: {error.message}")
        return problems
