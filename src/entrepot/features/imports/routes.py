# SPDX-License-Identifier: Apache-2.0
"""Imports in the management API."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response
from starlette.responses import StreamingResponse

from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import RepositoryState
from entrepot.features.imports.reporting import Line
from entrepot.features.imports.reporting import Reporting
from entrepot.features.imports.reporting import as_csv
from entrepot.features.imports.reporting import as_json
from entrepot.features.imports.schemas import GoingOnRequest
from entrepot.features.imports.schemas import ImportArtifact
from entrepot.features.imports.schemas import ImportArtifactList
from entrepot.features.imports.schemas import ImportList
from entrepot.features.imports.schemas import ImportPath
from entrepot.features.imports.schemas import ImportRepository
from entrepot.features.imports.schemas import ImportRepositoryList
from entrepot.features.imports.schemas import ImportRequest
from entrepot.features.imports.schemas import ImportView
from entrepot.features.imports.schemas import ReportFormat
from entrepot.features.imports.service import Imports
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.kernel.identifiers import is_ulid
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.core import Caller

LINES_AT_ONCE = 500
_SEE = to_system(SystemAction.READ_SYSTEM)
_OPERATE = to_system(SystemAction.OPERATE)
_MEDIA_TYPES = {"ndjson": "application/x-ndjson", "json": "application/json", "csv": "text/csv; charset=utf-8"}


class ImportRoutes:
    """The endpoints of imports."""

    def __init__(self, imports: Imports, reporting: Reporting, callers: ApiCallers) -> None:
        self._imports = imports
        self._reporting = reporting
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("imports")
        one, accepted = "/imports/{import_id}", status.HTTP_202_ACCEPTED
        router.add_api_route("/imports", self.list_imports)
        router.add_api_route("/imports", self.start_import, methods=["POST"], status_code=accepted)
        router.add_api_route(one, self.show_import)
        router.add_api_route(f"{one}/repositories", self.list_import_repositories)
        router.add_api_route(f"{one}/artifacts", self.list_import_artifacts)
        router.add_api_route(f"{one}/report", self.report_import)
        router.add_api_route(f"{one}:pause", self.pause_import, methods=["POST"])
        router.add_api_route(f"{one}:cancel", self.cancel_import, methods=["POST"])
        router.add_api_route(f"{one}:resume", self.resume_import, methods=["POST"], status_code=accepted)
        router.add_api_route(f"{one}:run", self.run_import, methods=["POST"], status_code=accepted)
        router.add_api_route(f"{one}:check", self.check_import, methods=["POST"], status_code=accepted)
        return router

    @takes(ACCOUNT)
    async def list_imports(
        self,
        request: Request,
        response: Response,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
        everybody: Annotated[bool, Query(description="Those of everybody; takes `system:read-system`.")] = False,
    ) -> ImportList:
        """List your imports of the last 90 days, or those of everybody."""
        caller, before = await self._caller(request), key_of(cursor)
        if before and not is_ulid(before):
            raise InvalidCursor
        found = await self._imports.page(caller.principal, before, limit + 1, of_everybody=everybody)
        if len(found) > limit:
            link_next(request, response, found[limit - 1].wanted.id)
        return ImportList(items=[ImportView.of(each) for each in found[:limit]])

    @takes(in_project(Action.CREATE))
    async def start_import(self, request: Request, response: Response, wanted: ImportRequest) -> ImportView:
        """Import from another registry, or with `dry_run` only find out what would come. It is done in the background.

        Takes the rights to push to what is named and to make it; for patterns, to make repositories in all of the
        project. They are looked at again whenever something is stored.
        """
        caller = await self._caller(request)
        shown = await self._imports.request(caller, wanted.wish(), is_dry=wanted.dry_run)
        response.headers["Location"] = f"/api/v1/imports/{shown.wanted.id}"
        return ImportView.of(shown)

    @takes(OWN, _SEE)
    async def show_import(self, request: Request, import_id: ImportPath) -> ImportView:
        """Show an import."""
        caller = await self._caller(request)
        return ImportView.of(await self._imports.show(caller.principal, import_id))

    @takes(OWN, _SEE)
    async def list_import_repositories(
        self,
        request: Request,
        response: Response,
        import_id: ImportPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
        state: Annotated[RepositoryState | None, Query(description="Those that stand so.")] = None,
    ) -> ImportRepositoryList:
        """List the repositories of an import, by name."""
        caller = await self._caller(request)
        of_state = "" if state is None else state.value
        found = await self._imports.repositories(caller.principal, import_id, key_of(cursor), limit + 1, of_state)
        if len(found) > limit:
            link_next(request, response, found[limit - 1].name)
        return ImportRepositoryList(items=[ImportRepository.of(each) for each in found[:limit]])

    @takes(OWN, _SEE)
    async def list_import_artifacts(  # noqa: PLR0913 - one for each parameter of the query
        self,
        request: Request,
        response: Response,
        import_id: ImportPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
        state: Annotated[ItemState | None, Query(description="Those that stand so.")] = None,
        repository: Annotated[str, Query(max_length=255, description="Those of one repository.")] = "",
    ) -> ImportArtifactList:
        """List the tags and referrers of an import, and what became of each."""
        caller = await self._caller(request)
        behind_repository, _, behind_name = key_of(cursor).partition(" ")
        of_state = "" if state is None else state.value
        found = await self._imports.artifacts(
            caller.principal, import_id, (behind_repository, behind_name), limit + 1, of_state, repository
        )
        if len(found) > limit:
            last = found[limit - 1]
            link_next(request, response, f"{last.repository} {last.name}")
        return ImportArtifactList(items=[ImportArtifact.of(each) for each in found[:limit]])

    @takes(OWN, _SEE)
    async def report_import(
        self,
        request: Request,
        import_id: ImportPath,
        format: Annotated[ReportFormat, Query(description="How it is written.")] = "ndjson",
    ) -> Response:
        """Send what each name is at the source and here: equal, different, missing, extra, excluded or unknown.

        What is here is looked at now; what the source has is as it was found, or compared last. Repositories that you
        may not read are left out. An answer that breaks off is not whole.
        """
        caller = await self._caller(request)
        shown = await self._imports.show(caller.principal, import_id)
        lines = _batches(self._reporting.lines(caller.principal, shown.wanted))
        name = f'attachment; filename="import-{shown.wanted.id}.{format}"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        written = _as_csv(lines) if format == "csv" else _as_json(lines, is_array=format == "json")
        return StreamingResponse(written, media_type=_MEDIA_TYPES[format], headers=headers)

    @takes(OWN, _OPERATE)
    async def pause_import(self, request: Request, import_id: ImportPath) -> ImportView:
        """Let an import rest until it is resumed. A comparison is given up."""
        return ImportView.of(await self._imports.pause(await self._caller(request), import_id))

    @takes(OWN, _OPERATE)
    async def cancel_import(self, request: Request, import_id: ImportPath) -> ImportView:
        """Stop an import, and forget the login for its source. What has come stays."""
        return ImportView.of(await self._imports.cancel(await self._caller(request), import_id))

    @takes(OWN, _OPERATE)
    async def resume_import(self, request: Request, import_id: ImportPath, wanted: GoingOnRequest) -> ImportView:
        """Go on with an import that rests or has ended: what failed is tried again."""
        caller = await self._caller(request)
        return ImportView.of(await self._imports.resume(caller, import_id, wanted.given))

    @takes(OWN, _OPERATE)
    async def run_import(self, request: Request, import_id: ImportPath, wanted: GoingOnRequest) -> ImportView:
        """Bring what a dry run has found."""
        caller = await self._caller(request)
        return ImportView.of(await self._imports.run(caller, import_id, wanted.given))

    @takes(OWN, _OPERATE)
    async def check_import(self, request: Request, import_id: ImportPath, wanted: GoingOnRequest) -> ImportView:
        """Compare what is here with what the source has now; the report says what came of it."""
        caller = await self._caller(request)
        return ImportView.of(await self._imports.check(caller, import_id, wanted.given))

    async def _caller(self, request: Request) -> Caller:
        return await self._callers.identify(request.scope, request.receive)


async def _batches(lines: AsyncIterator[Line]) -> AsyncIterator[list[Line]]:
    batch: list[Line] = []
    async for line in lines:
        batch.append(line)
        if len(batch) >= LINES_AT_ONCE:
            yield batch
            batch = []
    yield batch


async def _as_csv(batches: AsyncIterator[list[Line]]) -> AsyncIterator[str]:
    is_first = True
    async for batch in batches:
        yield as_csv(batch, with_header=is_first)
        is_first = False


async def _as_json(batches: AsyncIterator[list[Line]], *, is_array: bool) -> AsyncIterator[str]:
    """Write objects: one on each line, or as an array."""
    before = "[\n" if is_array else ""
    async for batch in batches:
        if not batch:
            continue
        yield before + as_json(batch, between=",\n" if is_array else "\n")
        before = ",\n" if is_array else "\n"
    yield (before if before == "[\n" else "") + ("\n]\n" if is_array else "\n" if before else "")
