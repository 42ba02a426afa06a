# SPDX-License-Identifier: Apache-2.0
"""What a template may say."""

import pytest

from entrepot.features.grants.errors import PrincipalInvalid
from entrepot.features.grants.errors import RoleMisplaced
from entrepot.features.projects import Visibility
from entrepot.features.templates.errors import TemplateInvalid
from entrepot.features.templates.models import CREATOR
from entrepot.features.templates.models import MAX_GRANTS
from entrepot.features.templates.models import Purpose
from entrepot.features.templates.models import Settings
from entrepot.features.templates.models import TemplateGrant
from entrepot.features.templates.models import TemplateTerms
from entrepot.features.templates.models import parse_template_name
from entrepot.kernel.errors import InvalidRequest

P, R = Purpose.PROJECT, Purpose.REPOSITORY


@pytest.mark.parametrize("pattern", ["**", "team/app", "team/**", "Team", ""])
def test_projects_have_patterns_of_one_segment(pattern: str) -> None:
    """A name of a project has no `/`."""
    with pytest.raises(InvalidRequest):
        TemplateTerms(P, pattern)


@pytest.mark.parametrize(
    ("purpose", "grant", "error"),
    [
        (P, TemplateGrant(CREATOR, "admin"), TemplateInvalid),
        (R, TemplateGrant(CREATOR, "admin", "**"), TemplateInvalid),
        (P, TemplateGrant("everyone:everyone", "read", "**"), TemplateInvalid),
        (R, TemplateGrant("workload:x", "read"), TemplateInvalid),
        (R, TemplateGrant("ghost:x", "read"), PrincipalInvalid),
        (R, TemplateGrant(CREATOR, "administrator"), RoleMisplaced),
    ],
)
def test_a_grant_is_of_its_kind(purpose: Purpose, grant: TemplateGrant, error: type[Exception]) -> None:
    """In a project it has a path, of a repository none; many get nothing from a template, nor system roles anybody."""
    with pytest.raises(error):
        TemplateTerms(purpose, "team", grants=(grant,))


def test_a_repository_has_no_visibility() -> None:
    """It is a setting of projects."""
    with pytest.raises(TemplateInvalid):
        TemplateTerms(R, "team/**", Settings(Visibility.PUBLIC))


def test_grants_are_few() -> None:
    """More than that are for a group."""
    grants = tuple(TemplateGrant(f"user:u{number}", "read") for number in range(MAX_GRANTS + 1))
    with pytest.raises(TemplateInvalid):
        TemplateTerms(R, "team/**", grants=grants)


def test_a_grant_is_about_what_is_new() -> None:
    """In a project where its path says, of a repository on that one."""
    in_project = TemplateGrant("group:dev", "write", "app-*/**").terms_on("team-a")
    of_repository = TemplateGrant("group:dev", "write").terms_on("team-a/app")

    assert in_project.path_pattern == "team-a/app-*/**"
    assert of_repository.path_pattern == "team-a/app"


@pytest.mark.parametrize("text", ["", "A", "1a", "a/b", "a" * 65])
def test_names_are_simple(text: str) -> None:
    """So that they stand in an address as they are."""
    with pytest.raises(TemplateInvalid):
        parse_template_name(text)
