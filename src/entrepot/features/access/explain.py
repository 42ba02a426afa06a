# SPDX-License-Identifier: Apache-2.0
"""Why somebody may do something, or may not and what would help; and who may."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Protocol

from entrepot.features.access import store
from entrepot.features.access.evaluate import Rights
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import ANONYMOUS
from entrepot.features.access.models import EVERYONE
from entrepot.features.access.models import Grant
from entrepot.features.access.models import Holder
from entrepot.features.access.service import GrantAuthorizer
from entrepot.features.access.store import Held
from entrepot.features.projects import OPEN_TO_ACCOUNTS
from entrepot.features.projects import OPEN_TO_ALL
from entrepot.features.projects import ProjectVisibility
from entrepot.features.projects import Visibility
from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import Role
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import TAG_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Clock
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.rights import Rights as RegistryRights

MAX_HOLDERS = 1_000
"""How many of those who may do something are named."""


@dataclass(frozen=True, slots=True)
class Question:
    """May somebody do this in a repository, for this tag, or for all tags if there is none?"""

    action: Action
    repository: RepositoryName
    tag: str = ""

    @property
    def project(self) -> str:
        """The project that the repository is in."""
        return namespace_of(self.repository)

    @property
    def place(self) -> str:
        """The repository, with the tag if there is one."""
        return f"{self.repository}:{self.tag}" if self.tag else self.repository

    def is_answered_by(self, rights: Rights) -> bool:
        """Tell whether these rights allow it."""
        if self.tag and self.action in TAG_ACTIONS:
            return rights.tags(self.action, self.repository).covers(self.tag)
        return rights.allow(self.action, self.repository)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether somebody may do something, and why, or why not and what would help."""

    principal: Principal
    is_allowed: bool
    because: str
    grants: Sequence[Grant] = ()
    """Those that allow it, each of them by itself."""
    fix: str = ""
    """The command that grants just this, and no more than a built-in role has to; or that lets it through."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What stands above grants says against something that they allow."""

    says: str
    """In one line: what refuses, and the next step."""
    fix: str
    """The command that lets just this through; empty if there is none."""
    is_refusal: bool = True
    """False where only a part of what was asked about is refused."""


class Objections(Protocol):
    """Knows what is refused whatever was granted."""

    async def about(self, principal: Principal, question: Question) -> Objection | None:
        """Return what would be said against it now, and change nothing."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Who may do something; `is_complete` is False when there are more of them."""

    found: Sequence[Holder]
    is_complete: bool


class Explanations:
    """Says what the authorizer decides, in words. It looks at no repository, so it tells of none whether it exists."""

    def __init__(
        self,
        database: Database,
        rights: RegistryRights,
        authorizer: GrantAuthorizer,
        visibility: ProjectVisibility,
        clock: Clock,
        objections: Objections,
    ) -> None:
        self._objections = objections
        self._database = database
        self._rights = rights
        self._authorizer = authorizer
        self._visibility = visibility
        self._clock = clock

    async def explain(self, principal: Principal, question: Question, about: Principal | None = None) -> Explanation:
        """Explain what `principal` may do with the credential that it uses now, or what somebody else may.

        About others it takes the right to read accounts, or to manage members there. At most seven
        statements. Raises as `Rights.require_system`.
        """
        asked = principal if about is None else about
        if asked.identity != principal.identity:
            await self._require_looking(principal, question)
        counts = await self._authorizer.is_account(asked)
        identity = asked.identity if counts else ANONYMOUS
        held = await self._database.read(store.held, identity, question.project, self._clock())
        is_allowed = await self._allows(asked, question)
        name = "nobody" if asked.kind is PrincipalKind.ANONYMOUS else asked.name
        if is_allowed and not asked.allows_scope(question.action, question.repository):
            because = f"{name} may, but the token in use does not cover it: fetch one with the scope"
            return Explanation(asked, is_allowed=False, because=because)
        if not is_allowed:
            return await self._refusal(asked, name, question)
        granting = [grant for grant in held.grants if question.is_answered_by(Rights([grant]))]
        because = await self._permission(asked, name, question, held, granting)
        allowed = Explanation(asked, is_allowed=True, because=because, grants=granting)
        objection = await self._objections.about(asked, question)
        if objection is None:
            return allowed
        told = f"{because}, but {objection.says}"
        return replace(allowed, is_allowed=not objection.is_refusal, because=told, fix=objection.fix)

    async def who(self, principal: Principal, question: Question) -> Holders:
        """Return who may do something, by whichever grants. Raises as `Rights.require_system`."""
        await self._require_looking(principal, question)
        now = self._clock()
        grants = await self._database.survey(store.matching, question.repository, now)
        granting = [each for each in grants if question.is_answered_by(Rights([each]))]
        named = await self._database.survey(store.named, granting, MAX_HOLDERS + 1)
        found = [each for each in named if await self._counts(each.principal)]
        if question.action in OPEN_ACTIONS:
            found = [*_open_to(await self._visibility.of(question.project)), *found]
        return Holders(found[:MAX_HOLDERS], max(len(named), len(found)) <= MAX_HOLDERS)

    async def _require_looking(self, principal: Principal, question: Question) -> None:
        pattern = parse_pattern(question.repository)
        if principal.scopes is None and await self._authorizer.covers(principal, Action.MANAGE_MEMBERS, pattern):
            return
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)

    async def _allows(self, principal: Principal, question: Question) -> bool:
        if question.tag and question.action in TAG_ACTIONS:
            reach = await self._authorizer.tags(principal, question.action, question.repository)
            return reach.covers(question.tag)
        return await self._authorizer.allows(principal, question.action, question.repository)

    async def _permission(
        self, asked: Principal, name: str, question: Question, held: Held, granting: Sequence[Grant]
    ) -> str:
        if await self._authorizer.may_system(asked, SystemAction.ADMINISTER):
            return f"{name} is an administrator of the registry"
        if granting:
            return _saying(name, granting[0])
        if held.visibility in OPEN_TO_ACCOUNTS and question.action in OPEN_ACTIONS:
            return f"the project {question.project} is {held.visibility}"
        return "it was allowed a moment ago"

    async def _refusal(self, asked: Principal, name: str, question: Question) -> Explanation:
        is_open_action = question.action in OPEN_ACTIONS
        public = f", and the project {question.project} is not public" if is_open_action else ""
        if asked.kind is PrincipalKind.ANONYMOUS:
            return Explanation(asked, is_allowed=False, because=f"nobody is logged in{public}: log in")
        if not await self._authorizer.is_account(asked):
            return Explanation(asked, is_allowed=False, because=f"there is no {asked.kind} {name}, or it is disabled")
        role = next(role for role in Role if question.action in ROLE_ACTIONS[role])
        place = question.place if question.action in TAG_ACTIONS else question.repository
        return Explanation(
            asked,
            is_allowed=False,
            because=f"{name} has no grant for it{public}: an administrator of the project can give the role {role}",
            fix=shlex.join(("entrepot", "grant", "create", asked.identity, place, role)),
        )

    async def _counts(self, holder: str) -> bool:
        """Tell whether a holder is no account, or one that exists and is enabled."""
        if holder in (EVERYONE, ANONYMOUS):
            return True
        kind, _, name = holder.partition(":")
        return await self._authorizer.is_account(Principal(PrincipalKind(kind), name))


def _saying(name: str, grant: Grant) -> str:
    """Name a grant and by whom it is held."""
    kind, _, held_by = grant.held_by.partition(":")
    who = {EVERYONE: "everyone who is logged in", ANONYMOUS: "everybody"}.get(grant.held_by, name)
    tags = f" for the tags {grant.tag_pattern}" if grant.tag_pattern else ""
    group = f", in the group {held_by}" if kind == "group" else ""
    glass = ", having broken the glass" if grant.opening else ""
    return f"{who} has the role {grant.role} on {grant.path_pattern}{tags}{group}{glass}"


def _open_to(visibility: Visibility) -> list[Holder]:
    if visibility in OPEN_TO_ALL:
        return [Holder(ANONYMOUS)]
    return [Holder(EVERYONE)] if visibility in OPEN_TO_ACCOUNTS else []
