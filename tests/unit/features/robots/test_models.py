# SPDX-License-Identifier: Apache-2.0
"""What robots are called."""

import re
import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.identity.models import parse_user_name
from entrepot.features.projects import ProjectName
from entrepot.features.projects import parse_project_name
from entrepot.features.robots.errors import InvalidRobotName
from entrepot.features.robots.models import join_robot_name
from entrepot.features.robots.models import parse_robot_name
from entrepot.kernel.errors import InvalidRequest

own_names = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?", fullmatch=True)
projects = st.from_regex(r"[a-z0-9]{1,5}((\.|_|__|-{1,3})[a-z0-9]{1,5}){0,3}", fullmatch=True).map(ProjectName)


@given(projects, own_names)
def test_a_login_name_tells_its_project(project: ProjectName, own: str) -> None:
    """Whatever dots the project has, the last one ends it: no two projects share the name of a robot."""
    name = join_robot_name(project, own)

    assert parse_robot_name(name) == (project, name)
    assert name == f"{project}.{own}"


@given(st.none() | projects, own_names)
def test_a_login_name_is_safe_in_a_shell(project: ProjectName | None, own: str) -> None:
    """Nothing has to be quoted, and nothing is taken for an option."""
    name = join_robot_name(project, own)

    assert shlex.quote(name) == name
    assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]*", name)


@given(own_names)
def test_a_robot_of_the_registry_is_in_nobodys_way(own: str) -> None:
    """Its name is that of no robot of a project, whatever that is called, and of no user."""
    name = join_robot_name(None, own)

    assert parse_robot_name(name) == (None, name)
    with pytest.raises(InvalidRequest):
        parse_project_name(name.rpartition(".")[0])
    with pytest.raises(InvalidRequest):
        parse_user_name(name)


@pytest.mark.parametrize("own", ["", ".", "a.b", "-a", "a-", "A", "a$b", "a+b", "a b", "a/b", "a\n", "x" * 65, "é"])
def test_other_names_are_refused(own: str) -> None:
    """With what a name may be made of."""
    with pytest.raises(InvalidRobotName) as refusal:
        join_robot_name(ProjectName("team"), own)

    assert "a-z, 0-9" in refusal.value.hint


def test_a_login_name_has_an_end() -> None:
    """It fits into every table that names a principal."""
    longest = join_robot_name(ProjectName("p" * 190), "x" * 64)

    assert len(longest) == 255
    with pytest.raises(InvalidRobotName):
        join_robot_name(ProjectName("p" * 191), "x" * 64)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """What is not a login name is a bad request, and nothing else."""
    with suppress(InvalidRequest):
        project, name = parse_robot_name(text)

        assert name.startswith(f"{project or '_'}.")
