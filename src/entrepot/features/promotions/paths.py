# SPDX-License-Identifier: Apache-2.0
"""Paths: from which repositories of one project to which of another, and who has to approve."""

import re
from dataclasses import dataclass

from entrepot.features.access import is_within
from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.copies import FOLLOWED_HOURS
from entrepot.features.groups import Member
from entrepot.features.groups import MemberKind
from entrepot.features.groups import parse_member
from entrepot.features.projects import parse_project_name
from entrepot.features.promotions.errors import PathInvalid
from entrepot.features.promotions.errors import PromotionInvalid
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag

MAX_APPROVALS = 10
MAX_APPROVERS = 50
"""How many users and groups a path may name."""
MAX_PATHS_OF_PROJECT = 100
"""How many paths may lead into a project."""
MAX_SUFFIX_CHARACTERS = 32
WAIT_HOURS = 24 * 7
MAX_WAIT_HOURS = 24 * 90

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SUFFIX = re.compile(r"[A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a path says."""

    source: str
    """A project."""
    repositories: str = ""
    """Which repositories of it, as a path pattern; empty for all."""
    prefix: str = ""
    """Below which name the target has what comes; empty for the target project itself."""
    tags: str = ""
    """Which tags may be asked for, as a tag pattern; empty for all, and for what is asked for by digest."""
    tag_suffix: str = ""
    """What is added to the tag in the target; empty for nothing."""
    approvals: int = 0
    approvers: tuple[Member, ...] = ()
    own_request_counts: bool = False
    """Whether who asks may be one of those who approve."""
    wait_hours: int = WAIT_HOURS
    """For how long approvals may come."""
    follow_hours: int = FOLLOWED_HOURS
    """For how long what is said later of what was promoted comes along."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path into a project. Several of them may follow each other, as from dev to staging to prod."""

    id: Ulid
    project: str
    """The project that it leads into, whose managers look after it."""
    name: str
    terms: Terms
    revision: int
    created_at: Milliseconds
    changed_at: Milliseconds
    changed_by: str

    @property
    def address(self) -> str:
        """What people call it, such as `prod/release`."""
        return f"{self.project}/{self.name}"

    def target_of(self, source: RepositoryName) -> RepositoryName:
        """Return what a repository of the source is called in the target.

        Raises `PromotionInvalid` for one that the path is not about, and `NameInvalid`.
        """
        terms = self.terms
        is_meant = not terms.repositories or parse_pattern(terms.repositories).matches(source)
        if namespace_of(source) != terms.source or not is_meant:
            meant = terms.repositories or f"{terms.source}/**"
            raise PromotionInvalid(f"the path {self.address} is about {meant}, not about {source}")
        rest = source.partition("/")[2]
        place = terms.prefix or self.project
        return parse_repository_name(f"{place}/{rest}" if rest else place)

    def tags_of(self, tag: TagName | None) -> tuple[TagName, ...]:
        """Return what is to point at an artifact in the target that is asked for by a tag, or by its digest.

        Raises `PromotionInvalid` for what may not be asked for, and `TagInvalid`.
        """
        wanted = self.terms.tags
        if tag is None:
            if wanted:
                raise PromotionInvalid(
                    f"what is promoted along {self.address} is named by a tag like {wanted}",
                    hint="Ask for the tag, not for the digest.",
                )
            return ()
        if not is_ordinary_tag(tag):
            raise PromotionInvalid(f"{tag} belongs to another artifact, and comes along with it")
        if wanted and parse_tag_pattern(wanted).fullmatch(tag) is None:
            raise PromotionInvalid(f"the path {self.address} is about tags like {wanted}, not about {tag}")
        return (parse_tag(f"{tag}{self.terms.tag_suffix}"),)


def parse_path_name(text: str) -> str:
    """Return `text` if a path may be called so. Raises `PathInvalid`."""
    if _NAME.fullmatch(text) is None:
        raise PathInvalid(
            f"{text[:80]!r} is not the name of a path",
            hint="Use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit.",
        )
    return text


def parse_path_address(text: str) -> tuple[str, str]:
    """Read `prod/release`: the project that a path leads into, and its name. Raises `PathInvalid`."""
    project, slash, name = text.partition("/")
    if not slash:
        raise PathInvalid(
            f"{text[:80]!r} names no path", hint="Write the project that it leads into too, like prod/release."
        )
    return parse_project_name(project), parse_path_name(name)


def parse_approver(text: str) -> Member:
    """Read `alice`, `user:alice` or `group:release`. Raises `PathInvalid`, `MemberInvalid` and `InvalidGroupName`."""
    member = parse_member(text)
    if member.kind not in (MemberKind.USER, MemberKind.GROUP):
        raise PathInvalid(f"{member} is no person and no group of them", hint="Robots ask, and approve nothing.")
    return member


def check_terms(project: str, terms: Terms) -> None:
    """Do nothing if a path into a project may say this.

    Raises `PathInvalid`, and as the parsers of names and patterns.
    """
    parse_project_name(terms.source)
    if terms.repositories and not is_within(terms.source, terms.repositories):
        raise PathInvalid(f"{terms.repositories} is not within the project {terms.source}")
    if terms.prefix and namespace_of(parse_repository_name(terms.prefix)) != project:
        raise PathInvalid(f"{terms.prefix} is not in the project {project}")
    if terms.source == project and terms.prefix in ("", project):
        raise PathInvalid(
            f"a path from {project} into itself would end where it begins",
            hint="Give the name below which the target has what comes.",
        )
    if terms.tags:
        parse_tag_pattern(terms.tags)
    if not (terms.approvals <= MAX_APPROVALS and len(terms.approvers) <= MAX_APPROVERS):
        raise PathInvalid(f"a path asks for {MAX_APPROVALS} approvals at most, and names {MAX_APPROVERS} who give them")
    if len(terms.tag_suffix) > MAX_SUFFIX_CHARACTERS or _SUFFIX.fullmatch(terms.tag_suffix) is None:
        raise PathInvalid(f"{terms.tag_suffix[:80]!r} cannot be the end of a tag")
    if terms.approvals and not terms.approvers:
        raise PathInvalid(
            f"{terms.approvals} approvals are asked for, and nobody is named who gives them",
            hint="Name users and groups who approve.",
        )
