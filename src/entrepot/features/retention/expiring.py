# SPDX-License-Identifier: Apache-2.0
"""Tags that expire: when somebody, or their artifact, has said; those who can still have them stay are warned.

They go by a plan of their repository, as by rules: what rules keep, and what is held, stays.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.artifacts import repositories_expiring
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.judging import Court
from entrepot.features.retention.models import EXPIRY
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Tag
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.policies import in_force
from entrepot.features.retention.queueing import PlanWish
from entrepot.features.retention.queueing import enqueue_making
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import expiries
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies as policy_store
from entrepot.features.retention.telling import tell_expiring
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import RepositoryId

WARNED_MS = DAY_MS
"""So long before it goes somebody is told."""
AGAIN_MS = HOUR_MS
"""For so long nothing is tried again that was spared."""
WHO = "internal:expiry"
"""Who makes the plans by which tags go that have expired."""

_UNDER_WAY = (PlanState.PLANNING, PlanState.PLANNED, PlanState.RUNNING)
_NO_BRAKE = 100


@dataclass(frozen=True, slots=True)
class _Found:
    """What expires in a repository."""

    repository: Repository
    soon: list[Tag]
    """Those nobody was told of yet."""
    is_due: bool
    stale: set[TagName]
    """What was said of tags that point elsewhere by now, or are gone."""


class Expiring:
    """Looks for what has expired, and for what soon will."""

    def __init__(self, database: Database, reading: Reading, clock: Clock) -> None:
        self._database = database
        self._reading = reading
        self._clock = clock

    async def look(self) -> int:
        """Warn of what goes within a day, and begin a plan where something goes; return in how many repositories."""
        now, begun = self._clock(), 0
        for repo_id in await self._database.snapshot(_candidates, after(now, WARNED_MS)):
            found = await self._database.survey(self._find, repo_id, now)
            if found is not None and (found.soon or found.is_due or found.stale):
                begun += await self._database.write(_note, found, now)
        return begun

    def _find(self, connection: Connection, repo_id: RepositoryId, now: Milliseconds) -> _Found | None:
        repository = repositories.find_by_id(connection, repo_id)
        if repository is None:
            return None
        policies = policy_store.of_repository(connection, repository.name)
        court = Court(self._reading, policies, (), now)
        said = expiries.expiries_of(connection, repo_id)
        if not said and not in_force(policies, repository.name).expires_by_labels:
            return None
        read, rules = court.read(connection, repository)
        tags = {tag.name: tag for tag in read.contents.tags}
        goes = [each.tag for each in evaluate(read.contents, rules, now) if _goes(each.fate, each.rules)]
        warned = expiries.warned_of(connection, repo_id)
        stale = {
            *(name for name, each in said.items() if name not in tags or not each.is_about(*_now(tags[name]))),
            *(name for name, (digest, _) in warned.items() if name not in tags or tags[name].digest != digest),
        }
        return _Found(repository, _untold(list(tags.values()), warned, now), bool(goes), stale)


def _now(tag: Tag) -> tuple[Digest, Milliseconds]:
    return tag.digest, tag.set_at


def _goes(fate: Fate, rules: Sequence[str]) -> bool:
    return fate is Fate.DELETED and EXPIRY in rules


def _untold(tags: Sequence[Tag], warned: Mapping[TagName, tuple[Digest, Milliseconds]], now: Milliseconds) -> list[Tag]:
    return [
        tag
        for tag in tags
        if tag.expires_at is not None
        and now < tag.expires_at <= now + WARNED_MS
        and warned.get(tag.name) != (tag.digest, tag.expires_at)
    ]


def _candidates(connection: Connection, until: Milliseconds) -> list[RepositoryId]:
    return sorted({*expiries.repositories_until(connection, until), *repositories_expiring(connection, until)})


def _note(connection: Connection, found: _Found, now: Milliseconds) -> bool:
    """Warn, forget what says nothing any more, and begin a plan if something is due; tell whether one was begun."""
    repo_id, name = found.repository.id, found.repository.name
    expiries.forget(connection, repo_id, found.stale)
    for tag in found.soon:
        if tag.expires_at is not None:
            expiries.note_warned(connection, repo_id, tag.name, (tag.digest, tag.expires_at))
            tell_expiring(connection, name, tag, now)
    scope = Scope(Level.REPOSITORY, name)
    if not found.is_due or _is_too_early(plans.page(connection, scope, plans.NEWEST, 10), now):
        return False
    plan = PlanRecord(new_ulid(), scope, PlanState.PLANNING, (), "", _NO_BRAKE, WHO, now)
    enqueue_making(connection, plan, PlanWish(plan.id, at_once=True))
    return True


def _is_too_early(recent: Sequence[PlanRecord], now: Milliseconds) -> bool:
    """Tell whether a plan of this kind is under way, or one has spared something a short while ago."""
    mine = next((plan for plan in recent if plan.made_by == WHO), None)
    if mine is None or now - mine.made_at >= AGAIN_MS:
        return False
    return mine.state in _UNDER_WAY or mine.state is not PlanState.DONE or mine.done < mine.deletions
