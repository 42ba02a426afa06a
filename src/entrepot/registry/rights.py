# SPDX-License-Identifier: Apache-2.0
"""Who gets which answer: the one place that turns a decision about rights into an error or into nothing.

The table of answers is docs/reference/answers.md.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NoReturn

from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Authenticator
from entrepot.kernel.access import Authorizer
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Reach
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import TagReach
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_limits import UNLIMITED
from entrepot.kernel.request_limits import RequestClass
from entrepot.kernel.request_limits import RequestLimits
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.errors import Denied
from entrepot.oci.errors import NameUnknown
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.signatures import SIGNATURE_TYPES
from entrepot.oci.signatures import is_signature
from entrepot.oci.signatures import is_signature_tag
from entrepot.registry.modes import Modes

_SYSTEM_DEEDS: Mapping[SystemAction, str] = {
    SystemAction.READ_SYSTEM: "see how this registry runs",
    SystemAction.READ_ACCOUNTS: "see the accounts of this registry",
    SystemAction.READ_AUDIT: "read the audit log",
    SystemAction.WITNESS: "leave checkpoints of another registry here",
    SystemAction.OPERATE: "operate this registry",
}

_SIGNED = (*SIGNATURE_TYPES, "application/jose+json", "application/cose")
"""How the media types begin of the layers of signatures: their own, and the envelopes that Notary Project uses."""


class Rights:
    """Finds out who asks, whether they ask too often, and whether they may."""

    def __init__(
        self,
        authenticator: Authenticator,
        authorizer: Authorizer,
        modes: Modes | None = None,
        limits: RequestLimits = UNLIMITED,
    ) -> None:
        """Take it that whoever has the right to pull may do so whenever they like, unless there are `modes`."""
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._modes = modes
        self.limits = limits
        """What requests are held against."""

    async def identify(self, credentials: Credentials, asked: RequestClass) -> Principal:
        """Return who presents `credentials`, and count the request for them.

        One whose credentials are not good counts for its address. Raises `Unauthenticated` and `TooManyRequests`.
        """
        try:
            principal = await self._authenticator.authenticate(credentials)
        except Unauthenticated:
            await self.limits.admit(asked, None, credentials.address)
            raise
        about_request().principal = principal
        await self.limits.admit(asked, principal, credentials.address)
        return principal

    async def is_live(self, principal: Principal) -> bool:
        """Tell whether what `principal` once logged in with is still good."""
        return await self._authenticator.is_live(principal)

    async def require(self, principal: Principal, action: Action, name: RepositoryName) -> None:
        """Do nothing if `principal` may do `action` in the repository, whatever the tag.

        Raises `Unauthenticated`, `NameUnknown` or `Denied` so that a repository
        that may not be read looks like one that does not exist, and `RefusedByMode`
        to whoever may pull, though not now. Use cases ask about the mode before they change something.
        """
        if await self._authorizer.allows(principal, action, name):
            _require_scope(principal, action, name)
            if action in OPEN_ACTIONS and self._modes is not None:
                await self._modes.require_pulling(principal, name)
            return
        await self._refuse(principal, action, name)

    async def require_any(self, principal: Principal, actions: Sequence[Action], name: RepositoryName) -> None:
        """Do nothing if `principal` may do one of `actions`. Raises as `require`, about the first."""
        for action in actions[1:]:
            if await self.may(principal, action, name):
                return
        await self.require(principal, actions[0], name)

    async def require_tags(
        self, principal: Principal, action: Action, name: RepositoryName, tags: Iterable[str]
    ) -> None:
        """Do nothing if `principal` may do `action`, one of `TAG_ACTIONS`, for each of `tags`. Raises as `require`."""
        reach = await self._authorizer.tags(principal, action, name)
        for tag in tags:
            if not reach.covers(tag):
                await self._refuse(principal, action, name, tag)
        _require_scope(principal, action, name)

    async def tags(self, principal: Principal, action: Action, name: RepositoryName) -> TagReach:
        """Return for which tags `principal` may do `action`, one of `TAG_ACTIONS`; for some. Raises as `require`."""
        reach = await self._authorizer.tags(principal, action, name)
        if not reach:
            await self._refuse(principal, action, name)
        _require_scope(principal, action, name)
        return reach

    async def reach_of_tags(self, principal: Principal, action: Action, name: RepositoryName) -> TagReach:
        """Return for which tags the principal's rights and token cover `action`, which may be none."""
        covered = principal.allows_scope(action, name)
        return await self._authorizer.tags(principal, action, name) if covered else TagReach(is_every=False)

    async def require_system(self, principal: Principal, action: SystemAction) -> None:
        """Do nothing if `principal` may do that to the registry as a whole. Raises `Unauthenticated` or `Forbidden`."""
        if await self._authorizer.may_system(principal, action):
            if principal.scopes is None:
                return
            raise InsufficientScope
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if action is SystemAction.ADMINISTER:
            raise Forbidden(
                f"{principal.name} is not an administrator of this registry",
                hint="Ask an administrator to do it for you.",
            )
        raise Forbidden(
            f"{principal.name} may not {_SYSTEM_DEEDS[action]}",
            hint="Ask an administrator of the registry to do it, or for a system role that allows it.",
            detail={"action": action.value},
        )

    async def may(self, principal: Principal, action: Action, name: RepositoryName) -> bool:
        """Tell whether the principal's rights and token cover `action` in the repository."""
        return principal.allows_scope(action, name) and await self._authorizer.allows(principal, action, name)

    async def readable(self, principal: Principal, names: Iterable[str]) -> set[str]:
        """Return those of `names` that the principal's rights and token let it read."""
        covered = [name for name in names if principal.allows_scope(Action.READ, name)]
        return await self._authorizer.readable(principal, covered) if covered else set()

    async def may_system(self, principal: Principal, action: SystemAction) -> bool:
        """Tell whether `principal` may do that to the registry as a whole, by a credential that narrows nothing."""
        return principal.scopes is None and await self._authorizer.may_system(principal, action)

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Tell where to look, behind the name `after`, for repositories that `principal` may read."""
        return await self._authorizer.reach(principal, after)

    async def _refuse(self, principal: Principal, action: Action, name: RepositoryName, tag: str = "") -> NoReturn:
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if action in OPEN_ACTIONS and not await self._authorizer.allows(principal, Action.READ, name):
            raise NameUnknown(
                hint=f"You are {principal.name}; entrepot can-i pull {name} explains.", detail={"name": name}
            )
        about = f"the tag {tag}" if tag and action is Action.DELETE else tag
        raise Denied(
            f"{principal.name} may not {' '.join(filter(None, (action.value, about)))} in {name}",
            hint=f"Ask an administrator of the project for the right to {action} in {name}.",
            detail={"action": action.value, "repository": name} | ({"tag": tag} if tag else {}),
        )


def right_to_set(tag: str) -> Action:
    """Return the right that it takes to set a tag: that to sign, or to push, for one that is derived from a digest."""
    if is_ordinary_tag(tag):
        return Action.TAG
    return Action.SIGN if is_signature_tag(tag) else Action.PUSH


def rights_to_store(manifest: Manifest, tags: Sequence[TagName]) -> tuple[Action, ...]:
    """Return the rights that it takes: what has the marks of a signature and could be something else as well, both."""
    if not is_signature(manifest, tags):
        return (Action.PUSH,)
    is_image = manifest.kind is ManifestKind.IMAGE
    is_nothing_else = is_image and all(layer.media_type.lower().startswith(_SIGNED) for layer in manifest.layers)
    return (Action.SIGN,) if is_nothing_else else (Action.SIGN, Action.PUSH)


def _require_scope(principal: Principal, action: Action, name: RepositoryName) -> None:
    if not principal.allows_scope(action, name):
        raise InsufficientScope
