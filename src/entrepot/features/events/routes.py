# SPDX-License-Identifier: Apache-2.0
"""The stream of events in the management API."""

from typing import Annotated
from typing import Any

from fastapi import APIRouter
from fastapi import Header
from fastapi import Query
from starlette.requests import Request

from entrepot.features.events.models import Filter
from entrepot.features.events.models import Start
from entrepot.features.events.schemas import EventItem
from entrepot.features.events.schemas import EventQuery
from entrepot.features.events.service import Events
from entrepot.infra.http.event_stream import EventStream
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.registry.api_callers import ApiCallers

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": EventItem,
        "description": (
            "Server-sent events (WHATWG HTML section 9.2), each with an `id` to resume from, the type as its name and "
            "this as its `data`, or a CloudEvent 1.0 with `format=cloudevents`. An event named `reset`, whose data is "
            "`{}`, says that some were missed: load anew what you show."
        ),
    }
}
_DATA_IS_AN_OBJECT = {"responses": {"200": {"content": {"text/event-stream": {"schema": {"type": "object"}}}}}}
"""Else the description has it as text, as it has whatever is not JSON."""


class EventRoutes:
    """The one endpoint."""

    def __init__(self, events: Events, callers: ApiCallers) -> None:
        self._events = events
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("events")
        router.add_api_route(
            "/events",
            self.stream_events,
            status_code=200,
            response_class=EventStream,
            responses=_STREAM,
            openapi_extra=_DATA_IS_AN_OBJECT,
        )
        return router

    @takes(ACCOUNT)
    async def stream_events(
        self,
        request: Request,
        query: Annotated[EventQuery, Query()],
        last_event_id: Annotated[str, Header(description="The same as `after`, and before it: browsers send it.")] = "",
    ) -> EventStream:
        """Tell what happens in the repositories that you may pull from, and to the registry, as it happens."""
        caller = await self._callers.identify(request.scope, request.receive)
        wanted = Filter(query.repository, query.project, query.type, query.format)
        start = Start(last_event_id or query.after, query.last)
        return EventStream(await self._events.subscribe(caller.principal, wanted, start))
