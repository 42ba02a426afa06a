# SPDX-License-Identifier: Apache-2.0
"""What guardrails say to whoever asks whether they may do something: what they say at the deed. Counts nothing."""

import shlex

from entrepot.features.access import Objection
from entrepot.features.access import Question
from entrepot.features.guardrails.evaluate import Rule
from entrepot.features.guardrails.guard import Act
from entrepot.features.guardrails.guard import Guard
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.telling import refusal
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.oci.reference import TagName
from entrepot.registry.store import manifests

_DEEDS = {
    Action.PUSH: Deed.PUSH,
    Action.CREATE: Deed.PUSH,
    Action.SIGN: Deed.PUSH,
    Action.TAG: Deed.TAG,
    Action.DELETE: Deed.DELETE,
}
_ADMINISTERING = frozenset({Action.MANAGE_MEMBERS, Action.MANAGE_POLICY, Action.ADMIN})


class GuardrailObjections:
    """Says what a guardrail would refuse of what grants allow, and which exception would let it through."""

    def __init__(self, database: Database, guard: Guard) -> None:
        self._database = database
        self._guard = guard

    async def about(self, principal: Principal, question: Question) -> Objection | None:
        """Return what a guardrail says against it now; of several, the first by name."""
        if question.action in _ADMINISTERING:
            return await self._about_project(principal, question)
        if question.action not in _DEEDS:
            return None
        deeds = [_DEEDS[question.action]]
        if question.action is Action.PUSH and question.tag:
            deeds.append(Deed.TAG)
        for deed in deeds:
            act = await self._act(principal, question, deed)
            rule = await self._guard.refusing(act)
            if rule is not None:
                return Objection(refusal(rule, deed, act.place), _exemption(rule, principal, question.repository))
        return None

    async def _about_project(self, principal: Principal, question: Question) -> Objection | None:
        place = f"{question.project}/**"
        rule = await self._guard.refusing_to_administer(principal, place)
        if rule is not None:
            return Objection(refusal(rule, Deed.ADMINISTER, place), _exemption(rule, principal, place))
        if question.action is not Action.ADMIN:
            return None
        rule = await self._guard.refusing_to_open(place)
        if rule is None:
            return None
        return Objection(refusal(rule, Deed.OPEN, question.project), _exemption(rule, None, place), is_refusal=False)

    async def _act(self, principal: Principal, question: Question, deed: Deed) -> Act:
        tag = question.tag if deed is not Deed.PUSH else ""
        is_new = deed is Deed.TAG and bool(tag) and not await self._is_there(question)
        return Act(deed, principal, question.repository, tag=tag, is_new_tag=is_new, is_counted=False)

    async def _is_there(self, question: Question) -> bool:
        found = await self._database.read(manifests.by_tag, question.repository, TagName(question.tag))
        return found is not None


def _exemption(rule: Rule, principal: Principal | None, place: str) -> str:
    is_personal = principal is not None and principal.kind is not PrincipalKind.ANONYMOUS
    whom = ("--principal", principal.identity) if principal is not None and is_personal else ()
    if rule.kind is GuardrailKind.NO_PUBLIC:
        whom = ()
    name = rule.guardrail.name
    return shlex.join(
        ("entrepot", "guardrail", "exempt", name, *whom, "--path", place, "--reason", "WHY", "--until", "12h")
    )
