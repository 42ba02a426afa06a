# SPDX-License-Identifier: Apache-2.0
"""The use cases of promotions: asking for one, seeing what refuses it, deciding about it, and withdrawing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.copies import asker_of
from entrepot.features.promotions.asking import Asking
from entrepot.features.promotions.asking import Foretold
from entrepot.features.promotions.asking import ask
from entrepot.features.promotions.deciding import decide
from entrepot.features.promotions.deciding import locked
from entrepot.features.promotions.ending import end
from entrepot.features.promotions.errors import NotYourPromotion
from entrepot.features.promotions.errors import OnlyPeopleApprove
from entrepot.features.promotions.errors import PromotionUnknown
from entrepot.features.promotions.models import MAX_NOTE_CHARACTERS
from entrepot.features.promotions.models import Decision
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.models import Verdict
from entrepot.features.promotions.models import Wish
from entrepot.features.promotions.store import paths
from entrepot.features.promotions.store import promotions
from entrepot.features.promotions.store.promotions import Filter
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform

BATCH = 200
MAX_LOOKED_AT = 5_000
"""How many promotions a list looks at that shows only some: a page may hold fewer than were asked for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A promotion, how it stands, and what whoever looks may do about it."""

    promotion: Promotion
    state: PromotionState
    needed: int | None
    """How many approvals it takes; None where its path is gone."""
    may_decide: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class PromotionPage:
    """One page of promotions, the newest first; the next one begins behind the id `last`, None for the last page."""

    items: list[Shown]
    last: str | None


class Promotions:
    """Every promotion. Whoever may pull from the source and see the target asks; people named on the path decide."""

    def __init__(self, platform: Platform, asking: Asking) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._copying = platform.copying
        self._clock = platform.clock
        self._doorbell = platform.doorbell
        self._asking = asking

    async def preview(self, caller: Caller, wish: Wish) -> Foretold:
        """Tell what a promotion would bring, and all that would refuse it. Changes nothing. Raises as `request`."""
        return await self._asking.foretell(caller, wish)

    async def request(self, caller: Caller, wish: Wish) -> Shown:
        """Ask for a promotion, which is carried out at once where the path takes no approval.

        Raises as `Asking.foretell`, `PromotionWouldBeRefused`, `PromotionAlreadyAsked` and `TooManyPromotions`.
        """
        told = await self._asking.foretell(caller, wish)
        await self._asking.require_welcome(caller, told)
        promotion = await self._database.write(ask, told, caller, self._clock())
        self._doorbell.ring()
        return await self._shown(caller.principal, promotion)

    async def approve(self, caller: Caller, promotion_id: str, note: str) -> Shown:
        """Say yes. Once all have that it takes, it is carried out in the name of whoever said it last.

        What would refuse whoever approves is found out before, and leaves the promotion as it is.
        Raises as `show`, `OnlyPeopleApprove`, `ReauthenticationNeeded`, as `Copying.plan`, and as `decide`.
        """
        seen = await self._to_decide(caller.principal, promotion_id)
        order = seen.order()
        await self._copying.require(caller, order.source, order.target, order.tags)
        await self._rights.require(caller.principal, Action.PUSH, order.target)
        await self._copying.plan(caller, order)
        return await self._decided(caller, seen, Verdict.APPROVE, note)

    async def refuse(self, caller: Caller, promotion_id: str, note: str) -> Shown:
        """Say no, which ends it. Raises as `show`, `OnlyPeopleApprove`, `ReauthenticationNeeded` and as `decide`."""
        seen = await self._to_decide(caller.principal, promotion_id)
        return await self._decided(caller, seen, Verdict.REFUSE, note)

    async def withdraw(self, principal: Principal, promotion_id: str) -> Shown:
        """Give up what one asked for, while it waits. Raises as `show`, `NotYourPromotion` and `PromotionNotOpen`."""
        seen = await self._seen_one(principal, promotion_id)
        if seen.asker.identity != principal.identity:
            raise NotYourPromotion(f"{seen.asker.identity} asked for it")
        withdrawn = await self._database.write(_withdraw, seen, principal, self._clock())
        return await self._shown(principal, withdrawn)

    async def show(self, principal: Principal, promotion_id: str) -> Shown:
        """Return a promotion to who asked for it, or may read both ends.

        Raises `PromotionUnknown` and `Unauthenticated`.
        """
        return await self._shown(principal, await self._seen_one(principal, promotion_id))

    async def page(self, principal: Principal, wanted: Filter, before: str, limit: int) -> PromotionPage:
        """Return promotions of which the principal may read both ends, and its own. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        found: list[Promotion] = []
        before = before or promotions.NEWEST
        for _ in range(MAX_LOOKED_AT // BATCH):
            batch = await self._database.read(promotions.page, wanted, before, BATCH, self._clock())
            found += await self._seen(principal, batch)
            if len(found) > limit or len(batch) < BATCH:
                break
            before = batch[-1].id
        else:
            return PromotionPage(await self._all_shown(principal, found, wanted), before)
        last = found[limit - 1].id if len(found) > limit else None
        return PromotionPage(await self._all_shown(principal, found[:limit], wanted), last)

    async def of_repository(self, principal: Principal, name: RepositoryName, before: str, limit: int) -> PromotionPage:
        """Return the promotions from and into a repository. Raises as `Rights.require`."""
        await self._rights.require(principal, Action.READ, name)
        return await self.page(principal, Filter(repository=name), before, limit)

    async def _to_decide(self, principal: Principal, promotion_id: str) -> Promotion:
        """Return a promotion to a person who means it."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if principal.kind is not PrincipalKind.USER:
            raise OnlyPeopleApprove(f"{principal.name} is no user")
        if principal.scopes is not None:
            raise InsufficientScope
        require_recent_login(principal)
        return await self._seen_one(principal, promotion_id)

    async def _decided(self, caller: Caller, seen: Promotion, verdict: Verdict, note: str) -> Shown:
        now, said = self._clock(), one_line(note, MAX_NOTE_CHARACTERS)
        decision = Decision(caller.principal.identity, verdict, now, said)
        decided = await self._database.write(decide, seen, decision, asker_of(caller), caller.principal)
        self._doorbell.ring()
        return await self._shown(caller.principal, decided)

    async def _seen_one(self, principal: Principal, promotion_id: str) -> Promotion:
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        found = await self._database.read(promotions.find, promotion_id)
        if found is None or not await self._seen(principal, [found]):
            raise PromotionUnknown(f"there is no promotion {promotion_id[:64]}, or you may not see it")
        return found

    async def _seen(self, principal: Principal, some: Sequence[Promotion]) -> list[Promotion]:
        names = {name for each in some for name in (each.source, each.target)}
        readable = await self._rights.readable(principal, names)
        return [
            each for each in some if each.asker.identity == principal.identity or {each.source, each.target} <= readable
        ]

    async def _shown(self, principal: Principal, promotion: Promotion) -> Shown:
        return await self._database.snapshot(_show, principal, promotion, self._clock())

    async def _all_shown(self, principal: Principal, found: Sequence[Promotion], wanted: Filter) -> list[Shown]:
        shown = [await self._shown(principal, each) for each in found]
        return [each for each in shown if each.may_decide] if wanted.for_whom else shown


def _show(connection: Connection, principal: Principal, promotion: Promotion, now: Milliseconds) -> Shown:
    state, path = promotion.state(now), paths.find(connection, promotion.path_id)
    is_open = state is PromotionState.WAITING
    is_own = promotion.asker.identity == principal.identity
    may_decide = (
        is_open
        and path is not None
        and principal.kind is PrincipalKind.USER
        and (path.terms.own_request_counts or not is_own)
        and not promotion.has_decided(principal.identity)
        and paths.lists(connection, path.id, principal.identity)
    )
    needed = promotion.needed
    if needed is None and path is not None:
        needed = path.terms.approvals
    return Shown(promotion, state, needed, may_decide, may_withdraw=is_open and is_own)


def _withdraw(connection: Connection, seen: Promotion, principal: Principal, now: Milliseconds) -> Promotion:
    _, promotion = locked(connection, seen, now)
    withdrawn = promotion.ended(PromotionState.WITHDRAWN, now)
    end(connection, withdrawn, now, principal)
    return withdrawn
