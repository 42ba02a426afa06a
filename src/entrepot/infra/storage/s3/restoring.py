# SPDX-License-Identifier: Apache-2.0
"""Objects in an archive: told from others, and asked for on behalf of those who want to read them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import structlog

from entrepot.infra.storage.interface import ObjectArchived
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.client import S3Client

ASKED_AGAIN_SECONDS = 3_600.0
"""For so long nobody asks for the same object again, whatever became of it."""

MAX_REMEMBERED = 10_000
RETRY_SECONDS = {"Expedited": 300, "Standard": 3_600, "Bulk": 3_600}
"""When a client may look again, by the tier."""

log = structlog.get_logger(__name__)


class ObjectComesBack(ObjectArchived):
    """The object is in an archive, and the storage has been asked to make it readable."""

    code = "object_comes_back"
    default_hint = "Try again later: that takes minutes to hours, as the archive has it."


@dataclass(slots=True)
class Restoring:
    """Asks for archived objects to be readable for so many days; without a number of days, for none."""

    client: S3Client
    days: int | None
    tier: str
    monotonic: Callable[[], float] = time.monotonic
    _asked: dict[str, float] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        """Whether archived objects are asked for."""
        return self.days is not None

    async def require_readable(self, key: str) -> None:
        """Do nothing unless an object is in an archive. Raises what `refusal` returns."""
        if await self.client.is_archived(key):
            raise await self.refusal(key)

    async def refusal(self, key: str) -> ObjectArchived:
        """Return what to tell somebody who wants to read an archived object, after asking for it if it is time to."""
        if self.days is None:
            return ObjectArchived()
        if self._is_asked_for(key):
            return self._comes_back()
        self._remember(key)
        try:
            await self.client.restore(key, self.days, self.tier)
        except (StorageError, StorageUnavailable) as error:
            log.warning("storage.not_restored", key=key, reason=error.message)
            return ObjectArchived()
        log.info("storage.restore_asked", key=key, days=self.days, tier=self.tier)
        return self._comes_back()

    def _comes_back(self) -> ObjectComesBack:
        return ObjectComesBack(headers={"Retry-After": str(RETRY_SECONDS[self.tier])})

    def _is_asked_for(self, key: str) -> bool:
        asked_at = self._asked.get(key)
        return asked_at is not None and self.monotonic() - asked_at < ASKED_AGAIN_SECONDS

    def _remember(self, key: str) -> None:
        self._asked.pop(key, None)
        if len(self._asked) >= MAX_REMEMBERED:
            del self._asked[next(iter(self._asked))]
        self._asked[key] = self.monotonic()
