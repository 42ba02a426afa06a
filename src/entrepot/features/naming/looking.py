# SPDX-License-Identifier: Apache-2.0
"""What is there that a rule would refuse if it were new, before it is set; and what rules say to a name."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.artifacts import ArtifactType
from entrepot.features.artifacts import artifact_types
from entrepot.features.naming.evaluate import ReadRule
from entrepot.features.naming.gate import NamingGate
from entrepot.features.naming.models import Rule
from entrepot.features.naming.telling import refusal_of_repository
from entrepot.features.naming.telling import refusal_of_tag
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.spans import overlap
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.named_places import NamedPlace
from entrepot.registry.named_places import named_places
from entrepot.registry.platform import Platform
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories

MAX_LOOKED_AT = 20_000
"""How many tags and repositories one page of a preview looks at."""
_BATCH = 500


class Fault(StrEnum):
    """What of something is not as a rule wants it."""

    REPOSITORY = "repository"
    """The name of the repository."""
    TAG = "tag"
    TYPE = "type"
    """The type of the artifact that the tag points at."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something that is there, and would be refused if it were new."""

    place: NamedPlace
    fault: Fault
    type: ArtifactType | None = None
    """Of what a tag points at, where that is the fault."""


@dataclass(frozen=True, slots=True)
class UnfitPage:
    """One page of a preview; `last` is where it ended, None at the end of all."""

    unfit: list[Unfit]
    last: NamedPlace | None


@dataclass(frozen=True, slots=True)
class Explained:
    """What rules say to the name of a repository and of a tag in it, if one was asked about."""

    rules: Sequence[ReadRule]
    """Those that are about the repository; all of them count."""
    is_repository_there: bool
    is_tag_there: bool
    refusals: Sequence[str]
    """What whoever pushes it is told; what is there already is not refused."""
    types: frozenset[ArtifactType]
    """What may be pushed."""


class NamingLooking:
    """The use cases that change nothing."""

    def __init__(self, platform: Platform, gate: NamingGate, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._gate = gate
        self._project_rights = project_rights

    async def preview(
        self, principal: Principal, rule: Rule, project: ProjectName | None, after: NamedPlace, limit: int
    ) -> UnfitPage:
        """Return what a rule would refuse if it were new, of what `principal` may read, to whoever may see or set it.

        Raises as `Rights.require_system`, and for a rule of a project as `ProjectRights.require_administering`.
        """
        if project is None:
            await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        else:
            await self._project_rights.require_administering(principal, project, Action.MANAGE_POLICY)
        found, last = await self._database.survey(_unfit, ReadRule(project or "", 1, rule), after, limit)
        readable = await self._rights.readable(principal, {each.place.repository for each in found})
        return UnfitPage([each for each in found if each.place.repository in readable], last)

    async def explain(self, principal: Principal, name: RepositoryName, tag: TagName | None) -> Explained:
        """Tell what rules say to a repository and a tag that may be there. Raises as `Rights.require`."""
        await self._rights.require(principal, Action.READ, name)
        rules = await self._gate.rules_about(name)
        is_there, is_tag_there = await self._database.snapshot(_are_there, name, tag)
        refusals: list[str] = []
        if not is_there and (found := next((each for each in rules if not each.allows_repository(name)), None)):
            refusals.append(refusal_of_repository(found, name))
        if tag is not None and not is_tag_there and is_ordinary_tag(tag):
            found = next((each for each in rules if not each.allows_tag(tag)), None)
            refusals += [refusal_of_tag(found, name, tag)] if found else []
        allowed = frozenset(each for each in ArtifactType if all(rule.allows_type(each) for rule in rules))
        return Explained(rules, is_there, is_tag_there, refusals, allowed)


def _are_there(connection: Connection, name: RepositoryName, tag: TagName | None) -> tuple[bool, bool]:
    is_there = bool(repositories.visible_among(connection, [name]))
    return is_there, tag is not None and manifests.by_tag(connection, name, tag) is not None


def _unfit(
    connection: Connection, rule: ReadRule, after: NamedPlace, limit: int
) -> tuple[list[Unfit], NamedPlace | None]:
    """Return up to `limit` places behind `after` that a rule would refuse, and where looking ended, None at the end."""
    pattern = parse_pattern(rule.rule.repositories)
    whole = parse_pattern(f"{rule.project}/**") if rule.project else pattern
    spans = overlap(pattern.spans(), whole.spans())
    walk = named_places(connection, spans, lambda name: pattern.matches(name) and whole.matches(name), after)
    found: list[Unfit] = []
    looked_at = 0
    while some := tuple(islice(walk, _BATCH)):
        types = _types(connection, rule, some)
        for place in some:
            looked_at += 1
            found.extend(_faults(rule, place, types))
            if len(found) == limit or looked_at == MAX_LOOKED_AT:
                return found, place
    return found, None


def _types(connection: Connection, rule: ReadRule, places: Sequence[NamedPlace]) -> Mapping[Digest, ArtifactType]:
    """Return the types of what tags point at, if the rule asks for them and they are known."""
    if not rule.rule.artifact_types:
        return {}
    return artifact_types(connection, sorted({each.digest for each in places if each.digest is not None}))


def _faults(rule: ReadRule, place: NamedPlace, types: Mapping[Digest, ArtifactType]) -> Iterator[Unfit]:
    """Yield the first thing that is wrong with a place, if anything is."""
    if not rule.is_about(place.repository):
        return
    if not place.tag:
        if not rule.allows_repository(place.repository):
            yield Unfit(place, Fault.REPOSITORY)
    elif is_ordinary_tag(place.tag):
        kind = types.get(place.digest) if place.digest else None
        if not rule.allows_tag(place.tag):
            yield Unfit(place, Fault.TAG)
        elif kind is not None and not rule.allows_type(kind):
            yield Unfit(place, Fault.TYPE, kind)
