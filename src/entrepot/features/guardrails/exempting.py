# SPDX-License-Identifier: Apache-2.0
"""The use cases of exceptions from guardrails: giving them, listing them and taking them back."""

from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.guardrails.errors import GuardrailExceptionInvalid
from entrepot.features.guardrails.errors import GuardrailExceptionUnknown
from entrepot.features.guardrails.errors import TooManyExceptions
from entrepot.features.guardrails.models import MAX_EXCEPTION_MS
from entrepot.features.guardrails.models import MAX_EXCEPTIONS
from entrepot.features.guardrails.models import MAX_REASON_CHARACTERS
from entrepot.features.guardrails.models import ExceptionTerms
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import parse_guardrail_name
from entrepot.features.guardrails.service import Guardrails
from entrepot.features.guardrails.service import known
from entrepot.features.guardrails.service import require_weakening
from entrepot.features.guardrails.store import exceptions as store
from entrepot.features.guardrails.store import guardrails
from entrepot.features.guardrails.telling import told_of_exception
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import hours_until
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class ExceptionPage:
    """One page of exceptions, oldest first; `is_more` says whether another follows."""

    exceptions: list[GuardrailException]
    is_more: bool


class Exempting:
    """The exceptions from each guardrail, which end by themselves. Given by who may set guardrails."""

    def __init__(self, platform: Platform, guardrails: Guardrails) -> None:
        self._database = platform.database
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._guardrails = guardrails

    async def page(self, principal: Principal, name: str, after: str, limit: int) -> ExceptionPage:
        """Return the exceptions from a guardrail behind the one with an id, those that ended of late too.

        Raises as `Guardrails.show`.
        """
        guardrail = await self._guardrails.show(principal, name)
        found = await self._database.read(store.page, guardrail.name, after, limit + 1)
        return ExceptionPage(found[:limit], len(found) > limit)

    async def give(self, principal: Principal, name: str, terms: ExceptionTerms) -> GuardrailException:
        """Give an exception, for 90 days at most.

        Raises as `Guardrails.delete`, `GuardrailExceptionInvalid` and `TooManyExceptions`.
        """
        await self._guardrails.require_setting(principal)
        now = self._clock()
        if not now < terms.expires_at <= now + MAX_EXCEPTION_MS:
            raise GuardrailExceptionInvalid(
                "an exception ends at a moment that is yet to come, and not too far",
                hint=f"Let it end within {MAX_EXCEPTION_MS // DAY_MS} days; it can be given again then.",
            )
        shown = replace(terms, reason=one_line(terms.reason, MAX_REASON_CHARACTERS))
        given = GuardrailException(new_ulid(), parse_guardrail_name(name), shown, now, principal.identity)
        await self._database.write(self._give, principal, given)
        await self._guardrails.take_effect()
        return given

    async def take(self, principal: Principal, name: str, exception_id: str) -> None:
        """Take an exception back. Raises as `Guardrails.change`, and `GuardrailExceptionUnknown`."""
        await self._guardrails.require_setting(principal)
        await self._database.write(_take, parse_guardrail_name(name), exception_id, self._clock())
        await self._guardrails.take_effect()

    def _give(self, connection: Connection, principal: Principal, given: GuardrailException) -> None:
        guardrail = known(given.guardrail, guardrails.lock(connection, given.guardrail))
        _give(connection, guardrail, given)
        hours = hours_until(given.created_at, given.terms.expires_at)
        require_weakening(self._four_eyes, connection, principal, guardrail, target_of(given), hours)


def target_of(given: GuardrailException) -> str:
    """Say what an exception is from, and for what, so that no two that differ in it say the same."""
    somebody = f" for {given.terms.principal}" if given.terms.principal else ""
    somewhere = f" in {given.terms.path_pattern}" if given.terms.path_pattern else ""
    return f"exempt {given.guardrail}{somewhere}{somebody}"


def _give(connection: Connection, guardrail: Guardrail, given: GuardrailException) -> None:
    if given.terms.principal and guardrail.terms.kind is GuardrailKind.NO_PUBLIC:
        raise GuardrailExceptionInvalid(
            "what is public is so for everybody, and not because of somebody",
            hint="Leave the principal out, and name a path.",
        )
    if store.count(connection, given.guardrail, given.created_at) >= MAX_EXCEPTIONS:
        raise TooManyExceptions(f"there are {MAX_EXCEPTIONS} exceptions from {given.guardrail}, which is the most")
    store.add(connection, given)
    announce(connection, Change.GUARDRAIL_EXCEPTION_GIVEN, given.created_at, told_of_exception(guardrail, given))


def _take(connection: Connection, name: str, exception_id: str, now: Milliseconds) -> None:
    guardrail = known(name, guardrails.lock(connection, name))
    taken = store.remove(connection, name, exception_id)
    if taken is None:
        raise GuardrailExceptionUnknown(f"{name} has no exception {exception_id[:40]!r}")
    _tell_taken(connection, guardrail, taken, now)


def _tell_taken(connection: Connection, guardrail: Guardrail, taken: GuardrailException, now: Milliseconds) -> None:
    told = told_of_exception(guardrail, taken, is_taken=True)
    announce(connection, Change.GUARDRAIL_EXCEPTION_TAKEN, now, told)
