# SPDX-License-Identifier: Apache-2.0
"""The words of promotions: paths, what is asked for along one, and what people said about it."""

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from entrepot.features.copies import Asker
from entrepot.features.promotions.paths import Path
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.copy_orders import Order

MAX_WAITING_OF_ONE = 100
"""How many promotions of one account may wait at once."""
MAX_WAITING_OF_PATH = 500
MAX_NOTE_CHARACTERS = 300


class PromotionState(StrEnum):
    """How a promotion stands. Values never change: they are stored."""

    WAITING = "waiting"
    """Approvals are missing."""
    RUNNING = "running"
    """All that it takes have approved, and it is carried out."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """An approver said no."""
    WITHDRAWN = "withdrawn"
    """Who asked has given it up."""
    EXPIRED = "expired"
    """Approvals were still missing when its time was over."""


FOLLOWS: Mapping[PromotionState, frozenset[PromotionState]] = MappingProxyType(
    {
        PromotionState.RUNNING: frozenset({PromotionState.WAITING}),
        PromotionState.DONE: frozenset({PromotionState.RUNNING}),
        PromotionState.FAILED: frozenset({PromotionState.WAITING, PromotionState.RUNNING}),
        PromotionState.REFUSED: frozenset({PromotionState.WAITING}),
        PromotionState.WITHDRAWN: frozenset({PromotionState.WAITING}),
        PromotionState.EXPIRED: frozenset({PromotionState.WAITING}),
    }
)
"""On which states each follows."""

OPEN = frozenset({PromotionState.WAITING, PromotionState.RUNNING})


class Verdict(StrEnum):
    """What an approver says. Values never change: they are stored."""

    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants promoted along which path: a tag, or a digest."""

    source: RepositoryName
    project: str
    """The project that the path leads into."""
    path: str
    digest: Digest | None = None
    tag: TagName | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an approver said, when, and why."""

    by: str
    """Such as `user:alice`."""
    verdict: Verdict
    at: Milliseconds
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """That somebody wants an artifact in the next project, and what came of it."""

    id: Ulid
    path_id: Ulid
    path: str
    """The name of the path as it was then, and `project` the one that it leads into."""
    project: str
    source: RepositoryName
    target: RepositoryName
    digest: Digest
    media_type: str
    size: int
    tag: TagName | None
    tags: tuple[TagName, ...]
    """What is to point at it in the target."""
    note: str
    asker: Asker
    requested_at: Milliseconds
    expires_at: Milliseconds
    stored: PromotionState = PromotionState.WAITING
    needed: int | None = None
    """How many approvals the path asked for when the last one was given."""
    executor: Asker | None = None
    """In whose name it is carried out, once it is."""
    copy_id: Ulid | None = None
    record: str = ""
    """What is said in the target of where it came from, once that is settled."""
    record_digest: Digest | None = None
    reason: str = ""
    ended_at: Milliseconds | None = None
    decisions: tuple[Decision, ...] = ()
    """In the order in which they were made."""

    def state(self, now: Milliseconds) -> PromotionState:
        """Tell how it stands at a moment."""
        is_over = self.stored is PromotionState.WAITING and self.expires_at <= now
        return PromotionState.EXPIRED if is_over else self.stored

    @property
    def path_address(self) -> str:
        """What people call the path, such as `prod/release`."""
        return f"{self.project}/{self.path}"

    @property
    def approvals(self) -> tuple[Decision, ...]:
        """Those that say yes, whether they still count or not."""
        return tuple(each for each in self.decisions if each.verdict is Verdict.APPROVE)

    def has_decided(self, identity: str) -> bool:
        """Tell whether somebody has said something already."""
        return any(each.by == identity for each in self.decisions)

    def order(self) -> Order:
        """Return what the registry is to do about it."""
        return Order(source=self.source, digest=self.digest, target=self.target, tags=self.tags, tag=self.tag)

    def ended(self, state: PromotionState, now: Milliseconds, reason: str = "") -> "Promotion":
        """Return it once it has come to an end. Raises `ValueError` where that does not follow."""
        if self.stored not in FOLLOWS[state]:
            raise ValueError(f"a promotion that is {self.stored} does not become {state}")
        return replace(self, stored=state, ended_at=now, reason=reason)


def fits(path: Path, promotion: Promotion) -> bool:
    """Tell whether a path still leads from where to where it did when this was asked for."""
    try:
        way = path.target_of(promotion.source), path.tags_of(promotion.tag)
    except InvalidRequest:
        return False
    return way == (promotion.target, promotion.tags)


def counted(path: Path, promotion: Promotion, may: Mapping[str, bool]) -> tuple[Decision, ...]:
    """Return the approvals that count: of those who may approve now, and of who asked only where the path says so.

    Each person counts once.
    """
    found: dict[str, Decision] = {}
    for each in promotion.approvals:
        is_own = each.by == promotion.asker.identity
        if may.get(each.by, False) and (path.terms.own_request_counts or not is_own):
            found.setdefault(each.by, each)
    return tuple(found.values())


def decided(
    promotion: Promotion, decision: Decision, path: Path, may: Mapping[str, bool], executor: Asker
) -> Promotion:
    """Return a promotion that waits once somebody has decided.

    One refusal ends it. It runs in the name of whoever made the approvals as many as the path asks for by now, and of
    one that waits at least one. Raises `ValueError` where nobody decides any more.
    """
    said = replace(promotion, decisions=(*promotion.decisions, decision))
    if decision.verdict is Verdict.REFUSE:
        return said.ended(PromotionState.REFUSED, decision.at, decision.note)
    needed = max(path.terms.approvals, 1)
    return running(said, needed, executor) if len(counted(path, said, may)) >= needed else said


def running(promotion: Promotion, needed: int, executor: Asker) -> Promotion:
    """Return a promotion that is carried out from now on. Raises `ValueError` where that does not follow."""
    if promotion.stored not in FOLLOWS[PromotionState.RUNNING]:
        raise ValueError(f"a promotion that is {promotion.stored} is not carried out")
    return replace(promotion, stored=PromotionState.RUNNING, needed=needed, executor=executor)


def stands(promotion: Promotion, approvals: Collection[Decision]) -> bool:
    """Tell whether these, which count when it is carried out, are enough, and in whose name it is done is one of them.

    What took no approval is done in the name of who asked.
    """
    if not promotion.needed:
        return promotion.executor is not None
    by = {each.by for each in approvals}
    return promotion.executor is not None and promotion.executor.identity in by and len(by) >= promotion.needed
