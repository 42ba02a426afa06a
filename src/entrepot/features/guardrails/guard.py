# SPDX-License-Identifier: Apache-2.0
"""Asking the guardrails before something happens: what is refused, what is only counted, and what is said."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from entrepot.features.access import Pattern
from entrepot.features.access import parse_pattern
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.guardrails.errors import RefusedByGuardrail
from entrepot.features.guardrails.evaluate import PEOPLE
from entrepot.features.guardrails.evaluate import Rule
from entrepot.features.guardrails.in_force import InForce
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.simulations import Simulations
from entrepot.features.guardrails.store.accounts import has_second_factor
from entrepot.features.guardrails.telling import refusal
from entrepot.features.projects import ProjectName
from entrepot.features.projects import Visibility
from entrepot.features.roles import SYSTEM
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.recent import Recent
from entrepot.registry.store import repositories

FRESH_MS = 2 * SECOND_MS
MAX_REMEMBERED = 10_000
_FOREVER = Milliseconds(2**62)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody is about to do in a repository."""

    deed: Deed
    principal: Principal
    repository: str
    tag: str = ""
    is_new_tag: bool = False
    is_counted: bool = True
    """Whether it counts where a guardrail only simulates; of what belongs to one push, the manifest and the tags do."""

    @property
    def place(self) -> str:
        """The repository, with the tag if there is one."""
        return f"{self.repository}:{self.tag}" if self.tag else self.repository


class Guard:
    """What every place that guardrails are about asks. Reads nothing, but for what few guardrails have to know.

    Of an account, whether it has a second factor; of a repository with another name than a new one may have, whether
    it is there.
    """

    def __init__(self, database: Database, in_force: InForce, simulations: Simulations, clock: Clock) -> None:
        self._database = database
        self._in_force = in_force
        self._simulations = simulations
        self._clock = clock
        self._proven: Recent[str, bool] = Recent(clock, FRESH_MS, MAX_REMEMBERED)

    def closed(self, project: str) -> AbstractSet[Visibility]:
        """Return the visibilities that count as private for a project."""
        return self._in_force.rules.closed(project, self._clock())

    async def refusal_of(self, act: Act) -> str:
        """Return why something is refused in a repository, in one line; empty if it is not."""
        rule = await self.refusing(act)
        return "" if rule is None else refusal(rule, act.deed, act.place)

    async def refusing(self, act: Act) -> Rule | None:
        """Return the guardrail that refuses something in a repository."""
        rules = (await self._in_force.current()).on_repository(act.repository, act.deed)
        if not rules:
            return None
        place, now, identity = parse_pattern(act.repository), self._clock(), act.principal.identity
        broken = [rule for rule in rules if not rule.exempts(place, identity, now) and await self._breaks(rule, act)]
        if act.is_counted:
            self._note(broken, act.deed, act.principal, act.place)
        return _first_enforced(broken)

    async def refusing_to_open(self, path_pattern: str) -> Rule | None:
        """Return the guardrail that does not let a project be public. Counts nothing."""
        place = parse_pattern(path_pattern)
        rules = [rule for rule in await self._on_pattern(place, Deed.OPEN) if Visibility.PUBLIC in rule.closes]
        return _first_enforced(_binding(rules, place, "", self._clock()))

    async def refusing_to_administer(self, principal: Principal, path_pattern: str) -> Rule | None:
        """Return the guardrail that does not let `principal` administer what is there. Counts nothing."""
        return _first_enforced(await self._administered(principal, path_pattern))

    async def require_visibility(self, principal: Principal, name: ProjectName, visibility: Visibility) -> None:
        """Do nothing if a project may be made, or become, so visible. Raises `RefusedByGuardrail`."""
        place = parse_pattern(f"{name}/**")
        rules = [rule for rule in await self._on_pattern(place, Deed.OPEN) if visibility in rule.closes]
        self._decide(_binding(rules, place, "", self._clock()), Deed.OPEN, principal, name)

    async def require_granting(self, principal: Principal, terms: Terms, expires_at: Milliseconds | None) -> None:
        """Do nothing if such a grant, which ends then or never, may be given. Raises `RefusedByGuardrail`.

        What only an exception lets through ends no later than the exception does.
        """
        opened = _OPENED.get(terms.grantee.kind)
        if opened is None or terms.path_pattern == SYSTEM:
            return
        place = parse_pattern(terms.path_pattern)
        rules = [rule for rule in await self._on_pattern(place, Deed.GRANT) if opened in rule.closes]
        until = _FOREVER if expires_at is None else Milliseconds(expires_at - 1)
        self._decide(_binding(rules, place, "", until), Deed.GRANT, principal, terms.path_pattern)

    async def require_administering(self, principal: Principal, path_pattern: str) -> None:
        """Do nothing if `principal` may change who may do what, and the like, there. Raises `RefusedByGuardrail`."""
        if path_pattern != SYSTEM:
            broken = await self._administered(principal, path_pattern)
            self._decide(broken, Deed.ADMINISTER, principal, path_pattern)

    async def _administered(self, principal: Principal, path_pattern: str) -> list[Rule]:
        place = parse_pattern(path_pattern)
        rules = await self._on_pattern(place, Deed.ADMINISTER)
        binding = _binding(rules, place, principal.identity, self._clock())
        return binding if binding and await self._is_unproven(principal) else []

    async def _on_pattern(self, place: Pattern, deed: Deed) -> list[Rule]:
        return (await self._in_force.current()).on_pattern(place, deed)

    async def _breaks(self, rule: Rule, act: Act) -> bool:
        match rule.kind:
            case GuardrailKind.PUSH_BY_MACHINES:
                return act.principal.kind in PEOPLE
            case GuardrailKind.SECOND_FACTOR:
                return await self._is_unproven(act.principal)
            case GuardrailKind.NAMING if act.deed is Deed.PUSH:
                return not rule.names_repository(act.repository) and not await self._is_there(act.repository)
            case GuardrailKind.NAMING:
                return act.is_new_tag and not rule.names_tag(act.tag)
        return False

    async def _is_unproven(self, principal: Principal) -> bool:
        """Tell whether it is a person who may have come here without a second factor.

        Once an account has one, nothing but what was got with it lets it in, and tokens that it made before.
        What an identity provider asks for is its own affair.
        """
        if principal.kind is not PrincipalKind.USER:
            return principal.kind in PEOPLE
        if self._proven.get(principal.name):
            return False
        is_proven = await self._database.read(has_second_factor, principal.name)
        if is_proven:
            self._proven.put(principal.name, value=True)
        return not is_proven

    async def _is_there(self, repository: str) -> bool:
        return bool(await self._database.read(repositories.visible_among, [repository]))

    def _note(self, broken: Iterable[Rule], deed: Deed, principal: Principal, place: str) -> None:
        for rule in broken:
            if not rule.is_enforced:
                self._simulations.note(rule.guardrail.name, principal, deed, place)

    def _decide(self, broken: list[Rule], deed: Deed, principal: Principal, place: str) -> None:
        """Count what is only simulated. Raises `RefusedByGuardrail` for the first that is enforced."""
        self._note(broken, deed, principal, place)
        rule = _first_enforced(broken)
        if rule is not None:
            detail = {"guardrail": rule.guardrail.name, "action": deed.value, "path_pattern": place}
            raise RefusedByGuardrail(refusal(rule, deed, place), detail=detail)


_OPENED = {GranteeKind.ANONYMOUS: Visibility.PUBLIC, GranteeKind.EVERYONE: Visibility.INTERNAL}
"""Which visibility a grant is like, where it is for many."""


def _binding(rules: Iterable[Rule], place: Pattern, principal: str, until: Milliseconds) -> list[Rule]:
    return [rule for rule in rules if not rule.exempts(place, principal, until)]


def _first_enforced(broken: Iterable[Rule]) -> Rule | None:
    return next((rule for rule in broken if rule.is_enforced), None)
