# SPDX-License-Identifier: Apache-2.0
"""Why somebody may do something, or may not."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.access import store
from entrepot.features.access.evaluate import Rights
from entrepot.features.access.models import ROLE_ACTIONS
from entrepot.features.access.models import Grant
from entrepot.features.access.models import Role
from entrepot.features.access.service import GrantAuthorizer
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether somebody may do something, and why, or why not and what would help."""

    is_allowed: bool
    because: str


class Explanations:
    """Says what the authorizer decides, in words. It looks at no repository, so it tells of none whether it exists."""

    def __init__(self, authorizer: GrantAuthorizer, database: Database) -> None:
        self._authorizer = authorizer
        self._database = database

    async def explain(self, principal: Principal, action: Action, repository: RepositoryName) -> Explanation:
        """Explain what `principal`, with the credential that it uses now, may do. At most four statements."""
        name = "nobody" if principal.kind is PrincipalKind.ANONYMOUS else principal.name
        project = namespace_of(repository)
        grants, is_public = await self._database.read(store.grants_of, principal.identity, project)
        is_allowed = await self._authorizer.allows(principal, action, repository)
        if is_allowed and not principal.allows_scope(action, repository):
            because = f"{name} may, but the token in use does not cover it: fetch one with the scope"
            return Explanation(is_allowed=False, because=because)
        if not is_allowed:
            return Explanation(is_allowed=False, because=_lacking(principal, name, action, project))
        if await self._authorizer.administers(principal):
            return Explanation(is_allowed=True, because=f"{name} is an administrator of the registry")
        public = f"the project {project} is public" if is_public and action is Action.PULL else ""
        because = _granting(grants, name, action, repository) or public or "it was allowed a moment ago"
        return Explanation(is_allowed=True, because=because)


def _granting(grants: Sequence[Grant], name: str, action: Action, repository: str) -> str:
    """Name the first grant that allows it, empty for none."""
    for grant in grants:
        if Rights([grant]).allow(action, repository):
            return f"{name} has the role {grant.role} on {grant.path_pattern}"
    return ""


def _lacking(principal: Principal, name: str, action: Action, project: str) -> str:
    public = f", and the project {project} is not public" if action is Action.PULL else ""
    if principal.kind is PrincipalKind.ANONYMOUS:
        return f"nobody is logged in{public}: log in"
    role = next(role for role in Role if action in ROLE_ACTIONS[role])
    return f"{name} has no grant for it{public}: an administrator of the project can give the role {role}"
