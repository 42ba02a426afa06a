# SPDX-License-Identifier: Apache-2.0
"""The audit log in the management API."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated
from typing import Literal

from fastapi import APIRouter
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response
from starlette.responses import StreamingResponse

from entrepot.features.audit.keeping import Keeping
from entrepot.features.audit.models import Place
from entrepot.features.audit.models import Record
from entrepot.features.audit.schemas import CheckpointList
from entrepot.features.audit.schemas import CheckpointView
from entrepot.features.audit.schemas import ErasureView
from entrepot.features.audit.schemas import FilterPath
from entrepot.features.audit.schemas import HoldList
from entrepot.features.audit.schemas import HoldPath
from entrepot.features.audit.schemas import HoldView
from entrepot.features.audit.schemas import NewErasure
from entrepot.features.audit.schemas import NewHold
from entrepot.features.audit.schemas import NewSavedFilter
from entrepot.features.audit.schemas import RecordFilter
from entrepot.features.audit.schemas import RecordItem
from entrepot.features.audit.schemas import RecordList
from entrepot.features.audit.schemas import RecordQueryParameters
from entrepot.features.audit.schemas import SavedFilterList
from entrepot.features.audit.schemas import SavedFilterView
from entrepot.features.audit.schemas import StampedList
from entrepot.features.audit.schemas import StampedView
from entrepot.features.audit.schemas import StandingView
from entrepot.features.audit.service import AuditLog
from entrepot.features.audit.witness_schemas import KeptView
from entrepot.features.audit.witness_schemas import NewWitnessed
from entrepot.features.audit.witness_schemas import WitnessedList
from entrepot.features.audit.witness_schemas import WitnessedView
from entrepot.features.audit.witnessing import Witnessing
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

Format = Literal["jsonl", "csv"]
Origin = Annotated[
    str, Query(max_length=320, description="Who left them here, such as `robot:_.witness`; left out, one's own.")
]

_MEDIA_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}
_READ = to_system(SystemAction.READ_AUDIT)
_WITNESS = to_system(SystemAction.WITNESS)
_KEEP = to_system(SystemAction.ADMINISTER)


class ExportQuery(RecordFilter):
    """Which records are wanted, and how."""

    format: Format = "jsonl"


class AuditRoutes:
    """The endpoints of the audit log."""

    def __init__(self, log: AuditLog, keeping: Keeping, witnessing: Witnessing, callers: ApiCallers) -> None:
        self._log = log
        self._keeping = keeping
        self._witnessing = witnessing
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("audit")
        saved = "/audit/filters/{name}"
        router.add_api_route("/audit", self.show_audit)
        router.add_api_route("/audit/types", self.list_audit_types)
        router.add_api_route("/audit/records", self.list_audit_records)
        router.add_api_route("/audit/records:export", self.export_audit_records, response_class=Response)
        router.add_api_route("/audit/checkpoints", self.list_audit_checkpoints)
        router.add_api_route("/audit/timestamps", self.list_audit_timestamps)
        router.add_api_route("/audit/witnessed", self.list_witnessed)
        router.add_api_route("/audit/witnessed", self.witness, methods=["POST"])
        router.add_api_route("/audit/holds", self.list_audit_holds)
        router.add_api_route("/audit/holds", self.place_audit_hold, methods=["POST"], status_code=201)
        router.add_api_route("/audit/holds/{hold_id}:release", self.release_audit_hold, methods=["POST"])
        router.add_api_route("/audit/erasures", self.erase_from_audit, methods=["POST"], status_code=201)
        router.add_api_route("/audit/filters", self.list_audit_filters)
        router.add_api_route(saved, self.save_audit_filter, methods=["PUT"])
        router.add_api_route(saved, self.delete_audit_filter, methods=["DELETE"], status_code=204)
        return router

    @takes(_READ)
    async def show_audit(self, request: Request) -> StandingView:
        """Show how the audit log stands: its months, the newest checkpoint, and what verifies it."""
        return StandingView.of(await self._log.standing(await self._caller(request)))

    @takes(_READ)
    async def list_audit_types(self, request: Request) -> list[str]:
        """List every type of record."""
        return list(await self._log.types(await self._caller(request)))

    @takes(_READ, in_project(Action.ADMIN))
    async def list_audit_records(
        self, request: Request, response: Response, query: RecordQueryParameters
    ) -> RecordList:
        """Search the audit log, newest first. Who administers a project may, for `project`."""
        page = await self._log.page(await self._caller(request), query.terms, _place(query.cursor), query.limit)
        if page.is_more:
            link_next(request, response, f"{page.place.at}-{page.place.seq}")
        return RecordList(items=[RecordItem.of(record) for record in page.records])

    @takes(_READ, in_project(Action.ADMIN))
    async def export_audit_records(self, request: Request, query: Annotated[ExportQuery, Query()]) -> Response:
        """Send all records that a search finds until now, newest first: an object on each line, or a table.

        The export is recorded. An answer that breaks off is not whole: ask again.
        """
        found = await self._log.begin_export(await self._caller(request), query.terms, query.query)
        headers = {"Content-Disposition": f'attachment; filename="audit.{query.format}"', "Cache-Control": "no-store"}
        lines = _as_table(found) if query.format == "csv" else _as_lines(found)
        return StreamingResponse(lines, media_type=_MEDIA_TYPES[query.format], headers=headers)

    @takes(_READ)
    async def list_audit_checkpoints(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> CheckpointList:
        """List checkpoints, oldest first. Whoever keeps them elsewhere can prove later what was there."""
        found = await self._log.checkpoints(await self._caller(request), _number(key_of(cursor) or "0"), limit + 1)
        if len(found) > limit:
            link_next(request, response, str(found[limit - 1].seq))
        return CheckpointList(items=[CheckpointView.of(each) for each in found[:limit]])

    @takes(_READ)
    async def list_audit_timestamps(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> StampedList:
        """List time stamps of checkpoints (RFC 3161), oldest first, to be kept elsewhere."""
        after = _place(cursor) or Place(0, 0)
        found = await self._log.timestamps(await self._caller(request), after, limit + 1)
        if len(found) > limit:
            link_next(request, response, f"{found[limit - 1].stamped_at}-{found[limit - 1].seq}")
        return StampedList(items=[StampedView.of(each) for each in found[:limit]])

    @takes(_WITNESS, _READ)
    async def list_witnessed(
        self,
        request: Request,
        response: Response,
        origin: Origin = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> WitnessedList:
        """List checkpoints that another registry left here, oldest first: one's own, or those of `origin`."""
        after = _number(key_of(cursor) or "0")
        found = await self._witnessing.page(await self._caller(request), origin, after, limit + 1)
        if len(found) > limit:
            link_next(request, response, str(found[limit - 1].seq))
        return WitnessedList(items=[WitnessedView.of(each) for each in found[:limit]])

    @takes(_WITNESS)
    async def witness(self, request: Request, wanted: NewWitnessed) -> KeptView:
        """Keep checkpoints of another registry, under the name of who sends them. What is here may come again.

        One that contradicts what was left before is refused, and recorded.
        """
        return KeptView(seq=await self._witnessing.keep(await self._caller(request), wanted.checkpoints))

    @takes(_READ)
    async def list_audit_holds(self, request: Request) -> HoldList:
        """List holds, those that were released too."""
        return HoldList(items=[HoldView.of(hold) for hold in await self._log.holds(await self._caller(request))])

    @takes(_KEEP)
    async def place_audit_hold(self, request: Request, wanted: NewHold) -> HoldView:
        """Keep the records of a span from being dropped or erased."""
        return HoldView.of(await self._keeping.place(await self._caller(request), wanted.reason, wanted.span))

    @takes(_KEEP)
    async def release_audit_hold(self, request: Request, hold_id: HoldPath) -> HoldView:
        """End a hold; that there was one stays on the list."""
        return HoldView.of(await self._keeping.release(await self._caller(request), hold_id))

    @takes(_KEEP)
    async def erase_from_audit(self, request: Request, wanted: NewErasure) -> ErasureView:
        """Forget for good who somebody is, or an address. The records stay, about nobody in particular."""
        caller = await self._caller(request)
        return ErasureView(details=await self._keeping.erase(caller, wanted.subject, wanted.reason))

    @takes(_READ)
    async def list_audit_filters(self, request: Request) -> SavedFilterList:
        """List saved searches: one's own, and those that are shared."""
        caller = await self._caller(request)
        return SavedFilterList(items=[SavedFilterView.of(saved, caller) for saved in await self._log.filters(caller)])

    @takes(_READ)
    async def save_audit_filter(self, request: Request, name: FilterPath, wanted: NewSavedFilter) -> SavedFilterView:
        """Keep a search under a name, in place of one's own of that name."""
        caller = await self._caller(request)
        saved = await self._log.save_filter(caller, name, wanted.filter.query, is_shared=wanted.is_shared)
        return SavedFilterView.of(saved, caller)

    @takes(_READ)
    async def delete_audit_filter(self, request: Request, name: FilterPath) -> None:
        """Forget one of one's own saved searches."""
        await self._log.delete_filter(await self._caller(request), name)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _place(cursor: str) -> Place | None:
    at, _, seq = key_of(cursor).partition("-")
    return Place(_number(at), _number(seq)) if cursor else None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidCursor
    return int(text)


async def _as_lines(found: AsyncIterator[list[Record]]) -> AsyncIterator[str]:
    async for records in found:
        yield "".join(f"{RecordItem.of(record).model_dump_json()}\n" for record in records)


async def _as_table(found: AsyncIterator[list[Record]]) -> AsyncIterator[str]:
    rows = [list(RecordItem.model_fields)]
    async for records in found:
        yield _table(rows + [RecordItem.of(record).row() for record in records])
        rows = []
    if rows:
        yield _table(rows)


def _table(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
