# SPDX-License-Identifier: Apache-2.0
"""The words of projects."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from entrepot.features.projects.errors import ProjectNameInvalid
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import NAME_GRAMMAR

ProjectName = NewType("ProjectName", str)
"""One path segment of a repository name, checked by `parse_project_name`."""

_SHOWN_CHARACTERS = 80


class Visibility(StrEnum):
    """Who may pull from a project: `public` everybody, `internal` who is logged in, `private` those with a grant."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"


class Redirects(StrEnum):
    """Whether clients may be sent to the storage for what a project holds: where the configuration says, or `never`."""

    ALLOWED = "allowed"
    NEVER = "never"


class Cause(StrEnum):
    """Why a project exists: an administrator asked for it, or somebody pushed into it."""

    REQUEST = "request"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Project:
    """A project, and how it came to be; `created_by` is a principal such as `user:alice`."""

    name: ProjectName
    visibility: Visibility
    created_at: Milliseconds
    created_by: str
    cause: Cause
    redirect: Redirects = Redirects.ALLOWED
    undelete_days: int | None = None
    """For how long what is deleted can be restored; None for as long as is configured."""


def parse_project_name(text: str) -> ProjectName:
    """Check that `text` can be the first segment of a repository name, or raise `ProjectNameInvalid`."""
    if len(text) > MAX_NAME_CHARACTERS:
        raise ProjectNameInvalid(
            f"the project name has {len(text)} characters; at most {MAX_NAME_CHARACTERS} are accepted",
            hint="Choose a shorter name.",
        )
    if not NAME_GRAMMAR.fullmatch(text):
        raise ProjectNameInvalid(f"{text[:_SHOWN_CHARACTERS]!r} is not a project name")
    project, slash, _ = text.partition("/")
    if slash:
        raise ProjectNameInvalid(
            f"{text[:_SHOWN_CHARACTERS]!r} names a repository, and a project name has no '/'",
            hint=f"Use {project!r}: the first segment is the project.",
        )
    return ProjectName(text)
