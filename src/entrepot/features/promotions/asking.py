# SPDX-License-Identifier: Apache-2.0
"""Asking for a promotion, and finding out before what would refuse it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.copies import asker_of
from entrepot.features.projects import ProjectUnknown
from entrepot.features.promotions.administering import PromotionPaths
from entrepot.features.promotions.approving import people_of
from entrepot.features.promotions.errors import PathUnknown
from entrepot.features.promotions.errors import PromotionAlreadyAsked
from entrepot.features.promotions.errors import PromotionInvalid
from entrepot.features.promotions.errors import PromotionWouldBeRefused
from entrepot.features.promotions.errors import TooManyPromotions
from entrepot.features.promotions.models import MAX_NOTE_CHARACTERS
from entrepot.features.promotions.models import MAX_WAITING_OF_ONE
from entrepot.features.promotions.models import MAX_WAITING_OF_PATH
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import Wish
from entrepot.features.promotions.models import running
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.queueing import RUN
from entrepot.features.promotions.queueing import enqueue
from entrepot.features.promotions.record import attachment_of
from entrepot.features.promotions.record import record_of
from entrepot.features.promotions.store import paths
from entrepot.features.promotions.store import promotions
from entrepot.features.promotions.telling import tell_request
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.errors import Denied
from entrepot.registry.copy_orders import Order
from entrepot.registry.copy_orders import Plan
from entrepot.registry.core import Caller
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class Foretold:
    """A promotion that nobody has asked for yet, what it would bring, and all that would refuse it now."""

    promotion: Promotion
    path: Path
    plan: Plan
    refusals: tuple[str, ...]


class Asking:
    """Finds out what would become of a promotion.

    Rules are asked as if whoever asks pushed it; those that are about who pushes say it again to whoever approves.
    """

    def __init__(self, platform: Platform, known: PromotionPaths) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._copying = platform.copying
        self._attaching = platform.attaching
        self._clock = platform.clock
        self._known = known

    async def foretell(self, caller: Caller, wish: Wish) -> Foretold:
        """Look, and change nothing. Takes the right to pull from the source, and to see the target.

        Raises as `Rights.require`, `PathUnknown`, `PromotionInvalid`, and as `Copying.foresee`.
        """
        principal = caller.principal
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        await self._rights.require(principal, Action.PULL, wish.source)
        path = await self._path(caller, wish)
        target = path.target_of(wish.source)
        await self._rights.require(principal, Action.READ, target)
        named = wish.tag or wish.digest
        if named is None or None not in (wish.tag, wish.digest):
            raise PromotionInvalid("a promotion is of a tag or of a digest", hint="Give one of them.")
        tags = path.tags_of(wish.tag)
        digest = await self._copying.resolve(caller, wish.source, named)
        order = Order(source=wish.source, digest=digest, target=target, tags=tags, tag=wish.tag)
        foreseen = await self._copying.foresee(caller, order)
        root, now = foreseen.plan.closure.nodes[digest], self._clock()
        promotion = Promotion(
            id=new_ulid(),
            path_id=path.id,
            path=path.name,
            project=path.project,
            source=wish.source,
            target=target,
            digest=digest,
            media_type=root.media_type,
            size=root.size,
            tag=wish.tag,
            tags=tags,
            note=one_line(wish.note, MAX_NOTE_CHARACTERS),
            asker=asker_of(caller),
            requested_at=now,
            expires_at=after(now, path.terms.wait_hours * HOUR_MS),
        )
        refusals = foreseen.refusals or await self._refusals_of_record(caller, promotion)
        return Foretold(promotion, path, foreseen.plan, refusals)

    async def require_welcome(self, caller: Caller, told: Foretold) -> None:
        """Do nothing unless something refuses it; where nobody has to approve, that whoever asks may not do it does.

        Raises `PromotionWouldBeRefused`, and as `Copying.require` and `Rights.require`.
        """
        if told.refusals:
            raise PromotionWouldBeRefused(told.refusals[0], detail={"refusals": list(told.refusals)})
        if not told.path.terms.approvals:
            order = told.promotion.order()
            await self._copying.require(caller, order.source, order.target, order.tags)
            await self._rights.require(caller.principal, Action.PUSH, order.target)

    async def _path(self, caller: Caller, wish: Wish) -> Path:
        try:
            return await self._known.show(caller.principal, wish.project, wish.path)
        except ProjectUnknown as unknown:
            raise PathUnknown(f"there is no path {wish.project}/{wish.path}, or you may not see it") from unknown

    async def _refusals_of_record(self, caller: Caller, promotion: Promotion) -> tuple[str, ...]:
        try:
            await self._attaching.ask(caller, attachment_of(promotion, record_of(promotion, ())))
        except Denied as refused:
            return (refused.message,)
        return ()


def ask(connection: Connection, told: Foretold, caller: Caller, now: Milliseconds) -> Promotion:
    """Keep a promotion that somebody asks for, and have it carried out if the path takes no approval.

    Raises `PathUnknown` where the path has changed so that it says something else, `PromotionAlreadyAsked` and
    `TooManyPromotions`.
    """
    promotion = told.promotion
    path = paths.lock(connection, told.path.id)
    if path is None or path.revision != told.path.revision:
        raise PathUnknown(f"the path {told.path.address} has just been changed or deleted", hint="Ask again.")
    if promotions.is_open(connection, promotion, now):
        raise PromotionAlreadyAsked(f"{promotion.source}@{promotion.digest} is asked for along {path.address} already")
    if path.terms.approvals:
        _require_room(connection, promotion, now)
    promotions.add(connection, promotion)
    asked_of = people_of(connection, path.terms) if path.terms.approvals else ()
    tell_request(connection, promotion, now, caller.principal, asked_of)
    if path.terms.approvals:
        return promotion
    begun = running(promotion, 0, promotion.asker)
    promotions.change(connection, begun)
    enqueue(connection, RUN, begun.id, now)
    return begun


def _require_room(connection: Connection, promotion: Promotion, now: Milliseconds) -> None:
    identity = promotion.asker.identity
    if promotions.count_waiting_of(connection, identity, now) >= MAX_WAITING_OF_ONE:
        raise TooManyPromotions(f"{MAX_WAITING_OF_ONE} promotions that {identity} asked for wait")
    if promotions.count_waiting_on(connection, promotion.path_id, now) >= MAX_WAITING_OF_PATH:
        raise TooManyPromotions(f"{MAX_WAITING_OF_PATH} promotions wait on {promotion.path_address}")
