# SPDX-License-Identifier: Apache-2.0
"""What one may do, in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.access.explain import Explanations
from entrepot.features.access.schemas import ActionQuery
from entrepot.features.access.schemas import Decision
from entrepot.features.access.schemas import RepositoryQuery
from entrepot.infra.http.router import api_router
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers


class AccessRoutes:
    """The endpoint that explains decisions."""

    def __init__(self, explanations: Explanations, callers: ApiCallers) -> None:
        self._explanations = explanations
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("access")
        router.add_api_route("/access", self.explain)
        return router

    async def explain(self, request: Request, action: ActionQuery, repository: RepositoryQuery) -> Decision:
        """Tell whether you may do something in a repository, and why. Whether the repository exists is not told."""
        principal = (await self._callers.identify(request.scope, request.receive)).principal
        name = parse_repository_name(repository)
        explained = await self._explanations.explain(principal, action, name)
        return Decision(
            principal=principal.identity,
            action=action,
            repository=name,
            allowed=explained.is_allowed,
            because=explained.because,
        )
