# SPDX-License-Identifier: Apache-2.0
"""Which tags a rule would be about, before it is set; and which rule decides about a tag."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.immutability.evaluate import Layers
from entrepot.features.immutability.evaluate import ReadRule
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.evaluate import ruling
from entrepot.features.immutability.keeping import Keeper
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Override
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
from entrepot.registry.rights import Rights
from entrepot.registry.store import manifests

MAX_LOOKED_AT = 20_000
"""How many tags and repositories one page of a preview looks at."""


@dataclass(frozen=True, slots=True)
class About:
    """What a rule would be about, of a project or of the registry. Raises as the patterns."""

    repositories: str
    tags: str
    project: ProjectName | None = None

    def __post_init__(self) -> None:
        """Refuse what is no pattern."""
        parse_pattern(self.repositories)
        parse_tag_pattern(self.tags)


@dataclass(frozen=True, slots=True)
class Matched:
    """A tag that a rule would be about, and the rule that decides about it now."""

    place: NamedPlace
    decides_now: ReadRule | None


@dataclass(frozen=True, slots=True)
class MatchedPage:
    """One page of a preview; `last` is where it ended, None at the end of all."""

    matched: list[Matched]
    last: NamedPlace | None


@dataclass(frozen=True, slots=True)
class Explained:
    """What decides about a tag: the rule, what it says to each deed, and an override that has not ended."""

    digest: Digest | None
    """None where there is no such tag."""
    rule: ReadRule | None
    is_derived: bool
    """Whether the tag is derived from a digest: then no rule is about it."""
    override: Override | None

    def ruling(self, tag: TagName, deed: Deed) -> Ruling:
        """Return what is said to a deed, the override aside."""
        return Ruling.FREE if self.rule is None else ruling(self.rule.rule.effect, tag, deed)


class Looking:
    """The use cases that change nothing."""

    def __init__(self, platform: Platform, keeper: Keeper, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._rights: Rights = platform.rights
        self._clock = platform.clock
        self._keeper = keeper
        self._project_rights = project_rights

    async def preview(self, principal: Principal, about: About, after: NamedPlace, limit: int) -> MatchedPage:
        """Return tags that a rule would be about, of those that `principal` may read, to whoever may see or set it.

        Raises as `Rights.require_system`, and for a rule of a project as `ProjectRights.require_administering`.
        """
        if about.project is None:
            await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        else:
            await self._project_rights.require_administering(principal, about.project, Action.MANAGE_POLICY)
        found, last = await self._database.survey(_matching, about, after, limit)
        readable = await self._rights.readable(principal, {each.repository for each in found})
        matched = [Matched(each, await self._deciding(each)) for each in found if each.repository in readable]
        return MatchedPage(matched, last)

    async def explain(self, principal: Principal, name: RepositoryName, tag: TagName) -> Explained:
        """Tell which rule decides about a tag that may be there. Raises as `Rights.require`."""
        await self._rights.require(principal, Action.READ, name)
        current = await self._database.read(manifests.by_tag, name, tag)
        layers = await self._keeper.layers(name)
        is_derived = not is_ordinary_tag(tag)
        found = None if is_derived else layers.deciding(name, tag, self._clock())
        override = await self._keeper.override(name, tag)
        return Explained(current.digest if current else None, found, is_derived, override)

    async def _deciding(self, place: NamedPlace) -> ReadRule | None:
        layers: Layers = await self._keeper.layers(RepositoryName(place.repository))
        return layers.deciding(place.repository, place.tag, self._clock())


def _matching(
    connection: Connection, about: About, after: NamedPlace, limit: int
) -> tuple[list[NamedPlace], NamedPlace | None]:
    """Return up to `limit` tags behind `after` that a rule is about, and where looking ended, None at the end."""
    found: list[NamedPlace] = []
    tag_glob, pattern = parse_tag_pattern(about.tags), parse_pattern(about.repositories)
    whole = parse_pattern(f"{about.project}/**") if about.project else pattern
    spans = overlap(pattern.spans(), whole.spans())
    walk = named_places(connection, spans, lambda name: pattern.matches(name) and whole.matches(name), after)
    for looked_at, place in enumerate(walk, 1):
        if place.tag and tag_glob.fullmatch(place.tag) is not None and is_ordinary_tag(place.tag):
            found.append(place)
        if len(found) == limit or looked_at == MAX_LOOKED_AT:
            return found, place
    return found, None
