# SPDX-License-Identifier: Apache-2.0
"""Backups in the management API."""

from fastapi import APIRouter
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.backup.models import Wish
from entrepot.features.backup.schemas import BackupBegunView
from entrepot.features.backup.schemas import BackupList
from entrepot.features.backup.schemas import BackupName
from entrepot.features.backup.schemas import BackupPlanView
from entrepot.features.backup.schemas import BackupRemovedView
from entrepot.features.backup.schemas import BackupRequest
from entrepot.features.backup.schemas import BackupView
from entrepot.features.backup.service import Backups
from entrepot.features.backup.settings import BackupSettings
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers


class BackupRoutes:
    """The endpoints of backups. All take an administrator of the registry."""

    def __init__(self, backups: Backups, settings: BackupSettings, callers: ApiCallers) -> None:
        self._backups = backups
        self._settings = settings
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("backup")
        router.add_api_route("/backups", self.list_backups)
        router.add_api_route("/backups", self.create_backup, methods=["POST"], status_code=status.HTTP_202_ACCEPTED)
        router.add_api_route("/backups:plan", self.show_backup_plan)
        router.add_api_route("/backups/{name}", self.show_backup)
        router.add_api_route("/backups/{name}", self.remove_backup, methods=["DELETE"])
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_backups(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> BackupList:
        """List the backups that are known, newest first. Takes an operator or auditor."""
        page = await self._backups.page(await self._principal(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.backups[-1].backup.name)
        return BackupList(items=[BackupView.of(each) for each in page.backups])

    @takes(to_system(SystemAction.OPERATE))
    async def create_backup(self, request: Request, wanted: BackupRequest) -> BackupBegunView:
        """Have a backup taken now, in the background. Takes an operator.

        409 `no_backup_folder` where the configuration names no folder for it.
        """
        principal = await self._principal(request)
        wish = Wish(principal.identity, wanted.keep_days, wanted.with_blobs)
        return BackupBegunView(job=await self._backups.start(principal, wish))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_backup_plan(self, request: Request) -> BackupPlanView:
        """Show when backups are taken, where they go, and whether one is missing. Takes an operator or auditor."""
        return BackupPlanView.of(await self._backups.plan(await self._principal(request)), self._settings)

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_backup(self, request: Request, name: BackupName) -> BackupView:
        """Show one backup. Takes an operator or auditor."""
        return BackupView.of(await self._backups.show(await self._principal(request), name))

    @takes(to_system(SystemAction.OPERATE))
    async def remove_backup(self, request: Request, name: BackupName) -> BackupRemovedView:
        """End a backup before its time: what it held back goes, and its file with it. Takes an operator."""
        return BackupRemovedView.of(await self._backups.remove(await self._principal(request), name))

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
