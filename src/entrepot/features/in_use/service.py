# SPDX-License-Identifier: Apache-2.0
"""The use cases of what runs."""

import asyncio
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.in_use.errors import ClusterTaken
from entrepot.features.in_use.errors import ClusterUnknown
from entrepot.features.in_use.errors import ReportInvalid
from entrepot.features.in_use.errors import TooManyClusters
from entrepot.features.in_use.models import MAX_CLUSTERS
from entrepot.features.in_use.models import MAX_CLUSTERS_OF_ONE
from entrepot.features.in_use.models import MAX_REPOSITORIES
from entrepot.features.in_use.models import MAX_RUNNING
from entrepot.features.in_use.models import MAX_SHOWN
from entrepot.features.in_use.models import Report
from entrepot.features.in_use.models import parse_running
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.digest import Digest
from entrepot.oci.errors import Denied
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store import holds
from entrepot.registry.store import in_use as store
from entrepot.registry.store import repositories
from entrepot.registry.store.holds import Pin
from entrepot.registry.store.in_use import Cluster
from entrepot.registry.store.in_use import Listed
from entrepot.registry.store.in_use import Running


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """One page of clusters by name, each with how much it runs; `is_more` says whether another follows."""

    clusters: list[tuple[Cluster, int]]
    is_more: bool


@dataclass(frozen=True, slots=True)
class RunningPage:
    """One page of what a cluster runs; the next begins behind `last`, None for the last page."""

    cluster: Cluster
    items: list[Listed]
    last: Running | None


class InUse:
    """Taking and showing what clusters say they run."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock

    async def report(self, principal: Principal, cluster: str, named: Sequence[str], hours: int) -> Report:
        """Put what a cluster runs in the place of what it ran before; it counts for so many hours.

        Takes the right to `report-use` in a repository; of others nothing counts. Only who reported last for a
        cluster, or an operator, reports for it. Raises `Unauthenticated`, `Denied`, `ReportInvalid`,
        `ClusterTaken` and `TooManyClusters`.
        """
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        running = await asyncio.to_thread(_read, named)
        names = {each.repository for each in running}
        if len(names) > MAX_REPOSITORIES:
            raise ReportInvalid(f"a cluster runs images of at most {MAX_REPOSITORIES} repositories")
        allowed = {name for name in names if await self._rights.may(principal, Action.REPORT_USE, name)}
        may_operate = await self._rights.may_system(principal, SystemAction.OPERATE)
        if not allowed and not may_operate and not await self._is_own(principal, cluster):
            raise Denied(
                f"{principal.name} may not say that any of these run",
                hint="Ask for the right to report-use in the repositories that the cluster runs images of.",
                detail={"action": Action.REPORT_USE.value},
            )
        counted = {each for each in running if each.repository in allowed}
        now = self._clock()
        said = Cluster(cluster, now, principal.identity, after(now, hours * HOUR_MS))
        await self._database.write_locked(_report, said, counted, may_operate)
        unknown = await self._database.read(_unknown, cluster)
        refused = sorted(each for each in running if each.repository not in allowed)
        return Report(said, len(counted), unknown, refused[:MAX_SHOWN])

    async def page(self, principal: Principal, after_name: str, limit: int) -> ClusterPage:
        """Return the clusters behind a name: all of them to operators, and to others those they reported for."""
        sees_all = await self._rights.may_system(principal, SystemAction.READ_SYSTEM)
        found: list[Cluster] = await self._database.read(store.page, after_name, MAX_CLUSTERS + 1)
        shown = [each for each in found if sees_all or each.reported_by == principal.identity]
        sizes = await self._database.read(store.sizes, [each.name for each in shown[:limit]])
        return ClusterPage([(each, sizes.get(each.name, 0)) for each in shown[:limit]], len(shown) > limit)

    async def show(self, principal: Principal, name: str, behind: Running, limit: int) -> RunningPage:
        """Return what a cluster runs, to who reported it, and to operators of that what they may read.

        Raises as `Rights.require_system`, and `ClusterUnknown`.
        """
        cluster = await self._known(principal, name, SystemAction.READ_SYSTEM)
        found: list[Listed] = await self._database.read(store.listed, name, behind, limit + 1)
        last = found[limit - 1].running if len(found) > limit else None
        shown = found[:limit]
        if cluster.reported_by != principal.identity:
            readable = await self._rights.readable(principal, {each.running.repository for each in shown})
            shown = [each for each in shown if each.running.repository in readable]
        return RunningPage(cluster, shown, last)

    async def forget(self, principal: Principal, name: str) -> None:
        """Forget a cluster and what it runs. Takes who reported last, or an operator. Raises as `show`."""
        await self._known(principal, name, SystemAction.OPERATE)
        await self._database.write_locked(_forget, name, self._clock())

    async def of_artifact(self, principal: Principal, name: RepositoryName, digest: Digest) -> list[Pin]:
        """Return the clusters that say that they run an artifact, or an image that this belongs to.

        Raises as `Rights.require`, and `NameUnknown`.
        """
        await self._rights.require(principal, Action.READ, name)
        return await self._database.snapshot(_pins, name, digest, self._clock())

    async def _known(self, principal: Principal, name: str, action: SystemAction) -> Cluster:
        """Return a cluster that the principal reported for, or any if it may do that to the registry."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        found = await self._database.read(store.find, name)
        if found is None or found.reported_by != principal.identity:
            await self._rights.require_system(principal, action)
        if found is None:
            raise ClusterUnknown(f"no cluster {name} has reported")
        return found

    async def _is_own(self, principal: Principal, name: str) -> bool:
        known = await self._database.read(store.find, name)
        return known is not None and known.reported_by == principal.identity


def _read(named: Sequence[str]) -> set[Running]:
    found = set(map(parse_running, named))
    if len(found) > MAX_RUNNING:
        raise ReportInvalid(f"a cluster runs at most {MAX_RUNNING} images")
    return found


def _report(connection: Connection, said: Cluster, counted: Collection[Running], may_operate: bool) -> None:
    before = store.lock(connection, said.name)
    is_new = before is None or before.until <= said.reported_at
    is_foreign = before is not None and before.reported_by != said.reported_by
    if before is not None and not is_new and is_foreign and not may_operate:
        raise ClusterTaken(f"somebody else reports for the cluster {said.name}")
    if before is None and store.count(connection) >= MAX_CLUSTERS:
        raise TooManyClusters(f"there are {MAX_CLUSTERS} clusters, which is the most")
    if (before is None or is_foreign) and store.count_by(connection, said.reported_by) >= MAX_CLUSTERS_OF_ONE:
        raise TooManyClusters(f"you report for {MAX_CLUSTERS_OF_ONE} clusters, which is the most")
    store.replace(connection, said, counted)
    if is_new or is_foreign:
        terms = {"running": len(counted), "until": said.until}
        told = Told(object=f"in-use:{said.name}", after=terms)
        announce(connection, Change.IN_USE_REPORTED, said.reported_at, told)


def _forget(connection: Connection, name: str, now: Milliseconds) -> None:
    before = store.lock(connection, name)
    if before is None:
        raise ClusterUnknown(f"no cluster {name} has reported")
    store.remove(connection, name)
    told = Told(object=f"in-use:{name}", before={"reported_by": before.reported_by, "until": before.until})
    announce(connection, Change.IN_USE_FORGOTTEN, now, told)


def _unknown(connection: Connection, cluster: str) -> list[Running]:
    return store.missing(connection, cluster, MAX_SHOWN)


def _pins(connection: Connection, name: RepositoryName, digest: Digest, now: Milliseconds) -> list[Pin]:
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    return holds.pins_of(connection, repository.id, digest, now)
