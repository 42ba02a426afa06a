# SPDX-License-Identifier: Apache-2.0
"""The words of templates."""

import re
from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.access import parse_pattern
from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.grants import parse_grantee
from entrepot.features.projects import Visibility
from entrepot.features.templates.errors import TemplateInvalid
from entrepot.kernel.clock import Milliseconds

MAX_TEMPLATES = 200
"""Of the registry. Whoever makes a project or a repository waits while they are looked through."""

MAX_PROJECT_TEMPLATES = 50
"""Of one project."""

MAX_GRANTS = 20
"""In one template."""

REGISTRY = ""
"""What stands in the place of a project for the templates of the registry."""

CREATOR = "creator"
"""How whoever makes a project or pushes first into a repository stands in grants; the user of that name has `user:`."""

EVERYTHING = "**"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_GRANTED = frozenset({GranteeKind.USER, GranteeKind.GROUP, GranteeKind.ROBOT})
_SOMEBODY = Grantee(GranteeKind.USER, CREATOR)


class Purpose(StrEnum):
    """What a template is for."""

    PROJECT = "project"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class TemplateGrant:
    """A grant that something new starts with."""

    principal: str
    """`CREATOR`, or such as `user:alice`."""
    role: str
    path: str = ""
    """In a new project: a path pattern in it. Of a new repository the grant is about that one, and this is empty."""

    @property
    def grantee(self) -> Grantee | None:
        """Whom it is given to, None for the creator. Raises `PrincipalInvalid`."""
        return None if self.principal == CREATOR else parse_grantee(self.principal)

    def terms_on(self, place: str, grantee: Grantee | None = None) -> Terms:
        """Return the grant in what is called so, or on all that is if it is a pattern. Raises as `Terms`."""
        path_pattern = f"{place}/{self.path}" if self.path else place
        return Terms(grantee or self.grantee or _SOMEBODY, path_pattern, self.role)


@dataclass(frozen=True, slots=True)
class Settings:
    """What else something new starts with; a field for each setting, None where the template says nothing of it."""

    visibility: Visibility | None = None
    """Of a project, when the one who makes it does not say."""


@dataclass(frozen=True, slots=True)
class TemplateTerms:
    """What a template says: what those things start with whose names match. Raises `TemplateInvalid` and as `Terms`."""

    purpose: Purpose
    pattern: str
    """For projects one segment, such as `team-*`; for repositories a path pattern as in grants."""
    settings: Settings = Settings()
    grants: tuple[TemplateGrant, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no pattern, what belongs to something else, and what is too much."""
        parse_pattern(self.pattern)
        is_project = self.purpose is Purpose.PROJECT
        if is_project and ("/" in self.pattern or self.pattern == EVERYTHING):
            raise TemplateInvalid(
                f"{self.pattern!r} is no pattern for names of projects, which have no '/'",
                hint="Write one such as 'team-*', or '*' for every project.",
            )
        if not is_project and self.settings.visibility is not None:
            raise TemplateInvalid("a repository has no visibility of its own", hint="Leave visibility out.")
        if len(self.grants) > MAX_GRANTS:
            raise TemplateInvalid(f"there are more than {MAX_GRANTS} grants", hint="Grant to a group instead.")
        for grant in self.grants:
            self._require_grant(grant)

    def _require_grant(self, grant: TemplateGrant) -> None:
        if bool(grant.path) is not (self.purpose is Purpose.PROJECT):
            raise TemplateInvalid(
                "a grant has a path in a template for projects, and none in one for repositories",
                hint="Write '**' for all of the project; of a repository the grant is about that one.",
            )
        if grant.grantee is not None and grant.grantee.kind not in _GRANTED:
            raise TemplateInvalid(
                f"a template does not grant to {grant.principal[:80]}",
                hint=f"Write '{CREATOR}', 'user:<name>', 'group:<name>' or 'robot:<name>'.",
            )
        grant.terms_on(self.pattern)

    @property
    def place(self) -> str:
        """The path pattern of everywhere that it gives something."""
        return f"{self.pattern}/{EVERYTHING}" if self.purpose is Purpose.PROJECT else self.pattern


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it is set; `created_by` and `changed_by` are such as `user:alice`."""

    project: str
    """Whose it is: a project's, or the registry's."""
    name: str
    terms: TemplateTerms
    created_at: Milliseconds
    created_by: str
    changed_at: Milliseconds
    changed_by: str

    @property
    def label(self) -> str:
        """How it is named in records, and among those who gave grants."""
        return label_of(self.project, self.name)


def label_of(project: str, name: str) -> str:
    """Return how a template is named in records: `template:apps`, or `template:team/apps` for one of a project."""
    return f"template:{project}/{name}" if project else f"template:{name}"


def parse_template_name(text: str) -> str:
    """Check the name of a template. Raises `TemplateInvalid`."""
    if _NAME.fullmatch(text) is None:
        raise TemplateInvalid(
            f"{text[:80]!r} is not the name of a template",
            hint="Use 1 to 64 of a-z, 0-9 and '-', beginning with a letter.",
        )
    return text
