# SPDX-License-Identifier: Apache-2.0
"""What runs in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.in_use.models import parse_cluster
from entrepot.features.in_use.schemas import ClusterList
from entrepot.features.in_use.schemas import ClusterPath
from entrepot.features.in_use.schemas import ClusterView
from entrepot.features.in_use.schemas import ListedRunning
from entrepot.features.in_use.schemas import NewReport
from entrepot.features.in_use.schemas import PinList
from entrepot.features.in_use.schemas import PinView
from entrepot.features.in_use.schemas import ReportView
from entrepot.features.in_use.schemas import RunningList
from entrepot.features.in_use.service import InUse
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import on_path
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import accepts_bytes
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.store.in_use import Running

MAX_REPORT_BYTES = 4 * 1024 * 1024


class InUseRoutes:
    """The endpoints of what runs."""

    def __init__(self, in_use: InUse, callers: ApiCallers) -> None:
        self._in_use = in_use
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("in_use")
        router.add_api_route("/in-use", self.list_clusters)
        router.add_api_route("/in-use/{cluster}", self.show_cluster)
        router.add_api_route("/in-use/{cluster}", self.report_in_use, methods=["PUT"])
        router.add_api_route("/in-use/{cluster}", self.forget_cluster, methods=["DELETE"], status_code=204)
        router.add_api_route("/repositories/{name:path}/-/artifacts/{digest}/in-use", self.show_in_use)
        return router

    @takes(ACCOUNT)
    async def list_clusters(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> ClusterList:
        """List the clusters that you reported for, by name; all of them for operators."""
        page = await self._in_use.page(await self._account(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.clusters[-1][0].name)
        return ClusterList(items=[ClusterView.of(*each) for each in page.clusters])

    @takes(OWN, to_system(SystemAction.READ_SYSTEM))
    async def show_cluster(
        self,
        request: Request,
        response: Response,
        cluster: ClusterPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> RunningList:
        """List what a cluster runs, and what of it is not here; of what others reported, what you may read."""
        repository, _, digest = key_of(cursor).partition(" ")
        behind = Running(RepositoryName(repository), Digest(digest))
        caller = await self._account(request)
        page = await self._in_use.show(caller, parse_cluster(cluster), behind, limit)
        if page.last is not None:
            link_next(request, response, f"{page.last.repository} {page.last.digest}")
        return RunningList(
            reported_at=page.cluster.reported_at,
            reported_by=page.cluster.reported_by,
            until=page.cluster.until,
            items=[ListedRunning.listed(each) for each in page.items],
        )

    @accepts_bytes(MAX_REPORT_BYTES)
    @takes(on_path(Action.REPORT_USE), to_system(SystemAction.OPERATE))
    async def report_in_use(self, request: Request, cluster: ClusterPath, wanted: NewReport) -> ReportView:
        """Say what a cluster runs, in the place of what it ran before: no rule deletes that while this counts.

        Takes the right to `report-use` in the repositories. A cluster that says nothing more ages out.
        """
        caller = await self._account(request)
        report = await self._in_use.report(caller, parse_cluster(cluster), wanted.running, wanted.valid_hours)
        return ReportView.came_of(report)

    @takes(OWN, to_system(SystemAction.OPERATE))
    async def forget_cluster(self, request: Request, cluster: ClusterPath) -> None:
        """Forget a cluster and what it runs. Takes who reported last, or an operator."""
        await self._in_use.forget(await self._account(request), parse_cluster(cluster))

    @takes(in_repository(Action.READ))
    async def show_in_use(self, request: Request, name: RepositoryPath, digest: str) -> PinList:
        """List the clusters that run an artifact, or an image that it belongs to."""
        principal = (await self._callers.identify(request.scope, request.receive)).principal
        pins = await self._in_use.of_artifact(principal, parse_repository_name(name), parse_digest(digest))
        return PinList(items=[PinView.of(pin) for pin in pins])

    async def _account(self, request: Request) -> Principal:
        principal = (await self._callers.identify(request.scope, request.receive)).principal
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return principal
