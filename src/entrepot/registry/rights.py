# SPDX-License-Identifier: Apache-2.0
"""Who gets which answer: the one place that turns a decision about rights into an error or into nothing.

The table of answers is docs/reference/answers.md.
"""

from collections.abc import Iterable

from entrepot.kernel.access import Action
from entrepot.kernel.access import Authenticator
from entrepot.kernel.access import Authorizer
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Reach
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_facts import about_request
from entrepot.oci.errors import Denied
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.modes import Modes


class Rights:
    """Finds out who asks and whether they may."""

    def __init__(self, authenticator: Authenticator, authorizer: Authorizer, modes: Modes | None = None) -> None:
        """Take it that whoever has the right to pull may do so whenever they like, unless there are `modes`."""
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._modes = modes

    async def identify(self, credentials: Credentials) -> Principal:
        """Return who presents `credentials`. Raises `Unauthenticated`."""
        principal = await self._authenticator.authenticate(credentials)
        about_request().principal = principal
        return principal

    async def is_live(self, principal: Principal) -> bool:
        """Tell whether what `principal` once logged in with is still good."""
        return await self._authenticator.is_live(principal)

    async def require(self, principal: Principal, action: Action, name: RepositoryName) -> None:
        """Do nothing if `principal` may do `action` in the repository.

        Raises `Unauthenticated`, `NameUnknown` or `Denied` so that a repository
        that may not be read looks like one that does not exist, and `RefusedByMode`
        to whoever may pull, though not now. Use cases ask about the mode before they change something.
        """
        if await self._authorizer.allows(principal, action, name):
            if not principal.allows_scope(action, name):
                raise InsufficientScope
            if action is Action.PULL and self._modes is not None:
                await self._modes.require_pulling(principal, name)
            return
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if action is Action.PULL:
            raise NameUnknown(
                hint=f"You are {principal.name}; entrepot can-i pull {name} explains.", detail={"name": name}
            )
        raise Denied(
            f"{principal.name} may not {action} in {name}",
            hint=f"Ask an administrator of the project for the right to {action} in {name}.",
            detail={"action": action.value, "repository": name},
        )

    async def require_administrator(self, principal: Principal) -> None:
        """Do nothing if `principal` administers the registry. Raises `Unauthenticated` or `Forbidden`."""
        if await self._authorizer.administers(principal):
            if principal.scopes is None:
                return
            raise InsufficientScope
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        raise Forbidden(
            f"{principal.name} is not an administrator of this registry", hint="Ask an administrator to do it for you."
        )

    async def may(self, principal: Principal, action: Action, name: RepositoryName) -> bool:
        """Tell whether the principal's rights and token cover `action` in the repository."""
        return principal.allows_scope(action, name) and await self._authorizer.allows(principal, action, name)

    async def readable(self, principal: Principal, names: Iterable[str]) -> set[str]:
        """Return those of `names` that the principal's rights and token let it pull from."""
        covered = [name for name in names if principal.allows_scope(Action.PULL, name)]
        return await self._authorizer.readable(principal, covered) if covered else set()

    async def administers(self, principal: Principal) -> bool:
        """Tell whether `principal` administers the registry, by a credential that narrows nothing."""
        return principal.scopes is None and await self._authorizer.administers(principal)

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Tell where to look, behind the name `after`, for repositories that `principal` may pull from."""
        return await self._authorizer.reach(principal, after)
