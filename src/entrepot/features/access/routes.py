# SPDX-License-Identifier: Apache-2.0
"""What one may do, in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.access.explain import Explanations
from entrepot.features.access.explain import Question
from entrepot.features.access.models import parse_principal
from entrepot.features.access.schemas import ActionQuery
from entrepot.features.access.schemas import Decision
from entrepot.features.access.schemas import HolderList
from entrepot.features.access.schemas import HolderView
from entrepot.features.access.schemas import PrincipalQuery
from entrepot.features.access.schemas import RepositoryQuery
from entrepot.features.access.schemas import TagQuery
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.rights import right_to_set


class AccessRoutes:
    """The endpoints that explain decisions."""

    def __init__(self, explanations: Explanations, callers: ApiCallers) -> None:
        self._explanations = explanations
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("access")
        router.add_api_route("/access", self.explain)
        router.add_api_route("/access/who", self.who)
        return router

    @takes(ANYBODY)
    async def explain(
        self,
        request: Request,
        action: ActionQuery,
        repository: RepositoryQuery,
        tag: TagQuery = "",
        principal: PrincipalQuery = "",
    ) -> Decision:
        """Tell whether somebody may do something in a repository, and why. Whether it exists is not told.

        To `tag` what is derived from a digest takes the right to sign, for signatures, or to push: the answer is about
        that one.
        """
        caller = (await self._callers.identify(request.scope, request.receive)).principal
        question = _question(action, repository, tag)
        about = parse_principal(principal) if principal else None
        return Decision.of(question, await self._explanations.explain(caller, question, about))

    @takes(in_repository(Action.MANAGE_MEMBERS), to_system(SystemAction.READ_ACCOUNTS))
    async def who(
        self, request: Request, action: ActionQuery, repository: RepositoryQuery, tag: TagQuery = ""
    ) -> HolderList:
        """List who may do something in a repository, by which grants: at most a thousand.

        Takes the right to read accounts, or to manage members in the repository.
        """
        caller = (await self._callers.identify(request.scope, request.receive)).principal
        holders = await self._explanations.who(caller, _question(action, repository, tag))
        return HolderList(items=[HolderView.of(holder) for holder in holders.found], is_complete=holders.is_complete)


def _question(action: Action, repository: str, tag: str) -> Question:
    """Ask about the right that it takes: for tags that are derived from a digest that is not the one to tag."""
    needed = right_to_set(tag) if action is Action.TAG and tag else action
    return Question(needed, parse_repository_name(repository), parse_tag(tag) if tag else "")
