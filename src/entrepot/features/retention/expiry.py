# SPDX-License-Identifier: Apache-2.0
"""Saying of one tag when it goes, or that it stays."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from entrepot.features.retention.errors import ExpiryInvalid
from entrepot.features.retention.errors import ExpiryUnknown
from entrepot.features.retention.judging import Court
from entrepot.features.retention.models import MAX_DAYS
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import expiries
from entrepot.features.retention.store import policies as policy_store
from entrepot.features.retention.store.expiries import Expiry
from entrepot.features.retention.telling import tell_expiry
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import lock_repository
from entrepot.registry.platform import Platform
from entrepot.registry.store import contents
from entrepot.registry.store import repositories


class Source(StrEnum):
    """Who says when a tag goes."""

    SOMEBODY = "somebody"
    ARTIFACT = "artifact"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ToldExpiry:
    """When a tag goes, None for never; who says so; and what somebody has said, if anybody has."""

    expires_at: Milliseconds | None
    source: Source
    said: Expiry | None


class TagExpiry:
    """The use cases around the expiry of one tag."""

    def __init__(self, platform: Platform, reading: Reading) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._modes = platform.modes
        self._clock = platform.clock
        self._reading = reading

    async def show(self, principal: Principal, name: RepositoryName, tag: TagName) -> ToldExpiry:
        """Tell when a tag goes. Raises as `Rights.require`, `NameUnknown` and `ManifestUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        return await self._database.survey(self._told, name, tag)

    async def set(
        self, principal: Principal, name: RepositoryName, tag: TagName, expires_at: Milliseconds | None
    ) -> Expiry:
        """Let a tag go then, or never, for as long as it points where it does.

        Takes the right to delete the tag. Raises as `Rights.require_tags`, `ExpiryInvalid`, `NameUnknown`,
        `ManifestUnknown` and `RefusedByMode`.
        """
        await self._rights.require_tags(principal, Action.DELETE, name, [tag])
        await self._modes.require_changing(name)
        now = self._clock()
        if expires_at is not None and not now < expires_at <= now + MAX_DAYS * DAY_MS:
            raise ExpiryInvalid("a tag expires later than now, and within ten years")
        return await self._database.write_locked(_set, (name, tag), expires_at, principal.identity, now)

    async def remove(self, principal: Principal, name: RepositoryName, tag: TagName) -> None:
        """Forget what was said of a tag. Raises as `set`, and `ExpiryUnknown`."""
        await self._rights.require_tags(principal, Action.DELETE, name, [tag])
        await self._modes.require_changing(name)
        await self._database.write_locked(_remove, (name, tag), self._clock())

    def _told(self, connection: Connection, name: RepositoryName, tag: TagName) -> ToldExpiry:
        repository = repositories.find(connection, name)
        if repository is None:
            raise NameUnknown(detail={"name": name})
        found = contents.tag_of(connection, repository.id, tag)
        if found is None:
            raise ManifestUnknown(detail={"tag": tag})
        said = expiries.find(connection, repository.id, tag)
        if said is not None and said.is_about(found.digest, found.set_at):
            return ToldExpiry(said.expires_at, Source.SOMEBODY, said)
        court = Court(self._reading, policy_store.of_repository(connection, name), (), self._clock())
        read, _ = court.read(connection, repository)
        expires_at = next((each.expires_at for each in read.contents.tags if each.name == tag), None)
        return ToldExpiry(expires_at, Source.ARTIFACT if expires_at is not None else Source.NOBODY, None)


def _set(
    connection: Connection,
    where: tuple[RepositoryName, TagName],
    expires_at: Milliseconds | None,
    by: str,
    now: Milliseconds,
) -> Expiry:
    name, tag = where
    repository = lock_repository(connection, name)
    found = contents.tag_of(connection, repository.id, tag)
    if found is None:
        raise ManifestUnknown(detail={"tag": tag})
    before = expiries.find(connection, repository.id, tag)
    expiry = Expiry(found.digest, expires_at, by, now)
    expiries.put(connection, repository.id, tag, expiry)
    tell_expiry(connection, where, (before, expiry), now)
    return expiry


def _remove(connection: Connection, where: tuple[RepositoryName, TagName], now: Milliseconds) -> None:
    name, tag = where
    repository = lock_repository(connection, name)
    before = expiries.find(connection, repository.id, tag)
    if before is None:
        raise ExpiryUnknown(f"nobody has said when {name}:{tag} goes")
    expiries.remove(connection, repository.id, tag)
    tell_expiry(connection, where, (before, None), now)
