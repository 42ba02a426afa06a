# SPDX-License-Identifier: Apache-2.0
"""Policies, plans and what comes of them, on a core."""

from sqlalchemy import Connection

from entrepot.features.retention.carrying_out import CarryingOut
from entrepot.features.retention.judging import Court
from entrepot.features.retention.making import Making
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.policies import Terms
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store import contents
from entrepot.registry.store import repositories
from entrepot.registry.store.holds import HoldKind
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.holds import pin
from tests.builders.holds import place
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

PROJECT = Scope(Level.PROJECT, "team")


def an_image(number: int) -> BuiltManifest:
    """Make an image that differs from others."""
    return an_image_manifest(annotations={"number": str(number)})


def deleting(effect: Effect = Effect.DELETE_ARTIFACTS, name: str = "old", **selection: object) -> Rule:
    """Make a rule that deletes."""
    return Rule(name, effect, Selection(**selection))  # type: ignore[arg-type]


OF_EVERY_KIND = (
    deleting(tags=("pr-*",), older_than_days=30),
    deleting(Effect.DELETE_TAGS, "tags", tags=("pr-*",), older_than_days=30),
    deleting(name="untagged", is_tagged=False, older_than_days=30),
)


async def set_policy(running: RunningCore, *rules: Rule, scope: Scope = PROJECT) -> None:
    """Set a policy."""
    policy = Policy(scope, Terms(rules), running.clock(), "user:ada")
    await running.database.write(policies.put, policy)


async def planned(running: RunningCore, *given: Rule, scope: Scope = PROJECT) -> PlanRecord:
    """Make a plan, by rules that are given or else those that are set."""
    plan = PlanRecord(new_ulid(), scope, PlanState.PLANNING, given or None, "", 50, "user:ada", running.clock())
    await running.database.write(plans.add, plan)
    made = await Making(running.database, Reading(), running.clock).make(plan.id, lambda _judged: None)
    assert made is not None
    return made


async def carried_out(running: RunningCore, plan: PlanRecord) -> PlanRecord:
    """Carry a plan out."""
    await running.database.write(lambda connection: plans.change(connection, plan.id, state="running"))
    doing = CarryingOut(running.database, Reading(), running.delete, running.clock)
    await doing.carry_out(plan.id, lambda _done: None)
    found = await running.database.read(plans.find, plan.id)
    assert found is not None
    return found


async def steps(running: RunningCore, plan: PlanRecord) -> list[tuple[str, tuple[TagName, ...], str, str]]:
    """Return what each step is about, and what became of it."""
    found = await running.database.read(plans.page_of_steps, plan.id, -1, 1_000)
    return [(each.step.tag or each.step.digest, each.step.tags, each.outcome, each.reason) for each in found]


async def there(running: RunningCore) -> set[Digest]:
    """Return every manifest that is not in the bin."""

    def look(connection: Connection) -> set[Digest]:
        repository = repositories.find(connection, REPOSITORY)
        assert repository is not None
        return {each.digest for each in contents.manifests_of(connection, repository.id)}

    return await running.database.read(look)


async def tags_of(running: RunningCore, repository: RepositoryName = REPOSITORY) -> list[str]:
    """Return the tags that are left."""
    verdicts = await judged(running, repository)
    return sorted(tag for _, tag in verdicts if tag)


async def judged(
    running: RunningCore, repository: RepositoryName = REPOSITORY, *rules: Rule
) -> dict[tuple[Digest, TagName | None], Fate]:
    """Return what rules make of everything in a repository."""
    court = Court(Reading(), (), rules, running.clock())
    return {(each.digest, each.tag): each.fate for each in await running.database.survey(court.verdicts, repository)}


async def hold(running: RunningCore, digest: Digest, kind: str = "legal", until: Milliseconds | None = None) -> None:
    """Hold a manifest, or let a cluster run it."""
    if kind == "pin":
        await pin(running, f"cluster-{digest[-8:]}", until or running.clock() + 30 * DAY_MS, digest)
    else:
        await place(running, digest, HoldKind(kind), until)
