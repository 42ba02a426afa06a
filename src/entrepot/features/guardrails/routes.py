# SPDX-License-Identifier: Apache-2.0
"""Guardrails in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.guardrails.exempting import Exempting
from entrepot.features.guardrails.schemas import ExceptionList
from entrepot.features.guardrails.schemas import ExceptionPath
from entrepot.features.guardrails.schemas import ExceptionView
from entrepot.features.guardrails.schemas import GuardrailChange
from entrepot.features.guardrails.schemas import GuardrailList
from entrepot.features.guardrails.schemas import GuardrailPath
from entrepot.features.guardrails.schemas import GuardrailSet
from entrepot.features.guardrails.schemas import GuardrailView
from entrepot.features.guardrails.schemas import NewException
from entrepot.features.guardrails.schemas import NewGuardrail
from entrepot.features.guardrails.schemas import PreviewRequest
from entrepot.features.guardrails.schemas import SimulatedLimit
from entrepot.features.guardrails.schemas import SimulatedList
from entrepot.features.guardrails.schemas import ViolationList
from entrepot.features.guardrails.service import Guardrails
from entrepot.features.projects import parse_project_name
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
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


class GuardrailRoutes:
    """The endpoints of guardrails."""

    def __init__(self, guardrails: Guardrails, exempting: Exempting, callers: ApiCallers) -> None:
        self._guardrails = guardrails
        self._exempting = exempting
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("guardrails")
        router.add_api_route("/guardrails", self.list_guardrails)
        router.add_api_route("/guardrails", self.create_guardrail, methods=["POST"], status_code=201)
        router.add_api_route("/guardrails:preview", self.preview_guardrail, methods=["POST"])
        router.add_api_route("/guardrails/{name}", self.show_guardrail)
        router.add_api_route("/guardrails/{name}", self.change_guardrail, methods=["PATCH"])
        router.add_api_route("/guardrails/{name}", self.delete_guardrail, methods=["DELETE"], status_code=204)
        router.add_api_route("/guardrails/{name}/violations", self.list_violations)
        router.add_api_route("/guardrails/{name}/simulated", self.list_simulated)
        exceptions = "/guardrails/{name}/exceptions"
        router.add_api_route(exceptions, self.list_exceptions)
        router.add_api_route(exceptions, self.give_exception, methods=["POST"], status_code=201)
        router.add_api_route(f"{exceptions}/{{id}}", self.take_exception, methods=["DELETE"], status_code=204)
        router.add_api_route("/projects/{name}/guardrails", self.list_project_guardrails)
        return router

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_guardrails(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> GuardrailList:
        """List every guardrail, by name. Takes the right to read accounts, as everything that shows them."""
        page = await self._guardrails.page(await self._caller(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.guardrails[-1].name)
        return GuardrailList(items=[GuardrailView.of(each) for each in page.guardrails])

    @takes(in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def list_project_guardrails(self, request: Request, name: str) -> GuardrailList:
        """List the guardrails that are about something in a project, by name. Takes whoever administers it."""
        found = await self._guardrails.of_project(await self._caller(request), parse_project_name(name))
        return GuardrailList(items=[GuardrailView.of(each) for each in found])

    @takes(to_system(SystemAction.ADMINISTER))
    async def create_guardrail(self, request: Request, response: Response, wanted: NewGuardrail) -> GuardrailSet:
        """Set a guardrail, and tell what violates it. Takes an administrator of the registry who logged in of late.

        So does every change. It counts at once in the process that answers, and in every other one within two seconds.
        """
        caller = await self._caller(request)
        done = await self._guardrails.create(caller, wanted.name, wanted.terms, wanted.mode, wanted.reason)
        response.headers["Location"] = f"{request.url.path}/{done.guardrail.name}"
        return GuardrailSet.of(done)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def preview_guardrail(self, request: Request, wanted: PreviewRequest) -> ViolationList:
        """Tell what would violate such a guardrail now. Changes nothing."""
        return ViolationList.of(await self._guardrails.preview(await self._caller(request), wanted.terms))

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def show_guardrail(self, request: Request, name: GuardrailPath) -> GuardrailView:
        """Show a guardrail."""
        return GuardrailView.of(await self._guardrails.show(await self._caller(request), name))

    @takes(to_system(SystemAction.ADMINISTER))
    async def change_guardrail(self, request: Request, name: GuardrailPath, change: GuardrailChange) -> GuardrailSet:
        """Enforce a guardrail, or let it simulate; change its reason; and tell what violates it."""
        caller = await self._caller(request)
        return GuardrailSet.of(await self._guardrails.change(caller, name, change.mode, change.reason))

    @takes(to_system(SystemAction.ADMINISTER))
    async def delete_guardrail(self, request: Request, name: GuardrailPath) -> None:
        """Delete a guardrail with its exceptions and what it would have refused."""
        await self._guardrails.delete(await self._caller(request), name)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_violations(self, request: Request, name: GuardrailPath) -> ViolationList:
        """List what violates a guardrail now and is no exception from it."""
        return ViolationList.of(await self._guardrails.violations(await self._caller(request), name))

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_simulated(
        self, request: Request, name: GuardrailPath, limit: SimulatedLimit = DEFAULT_LIMIT
    ) -> SimulatedList:
        """List what a guardrail would have refused while it simulated: who, what, where, how often and when."""
        return SimulatedList.of(await self._guardrails.simulated(await self._caller(request), name, limit))

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_exceptions(
        self,
        request: Request,
        response: Response,
        name: GuardrailPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> ExceptionList:
        """List the exceptions from a guardrail, oldest first."""
        page = await self._exempting.page(await self._caller(request), name, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.exceptions[-1].id)
        return ExceptionList(items=[ExceptionView.of(each) for each in page.exceptions])

    @takes(to_system(SystemAction.ADMINISTER))
    async def give_exception(
        self, request: Request, response: Response, name: GuardrailPath, wanted: NewException
    ) -> ExceptionView:
        """Give an exception from a guardrail, which ends by itself."""
        given = await self._exempting.give(await self._caller(request), name, wanted.terms)
        response.headers["Location"] = f"{request.url.path}/{given.id}"
        return ExceptionView.of(given)

    @takes(to_system(SystemAction.ADMINISTER))
    async def take_exception(self, request: Request, name: GuardrailPath, id: ExceptionPath) -> None:
        """Take an exception back before it ends."""
        await self._exempting.take(await self._caller(request), name, id)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
