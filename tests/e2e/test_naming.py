# SPDX-License-Identifier: Apache-2.0
"""Rules about names: written with what they would refuse in view, tried, changed and removed."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

PROJECT = "called"


def test_a_rule_is_written_with_what_it_would_refuse_in_view(admin: Person, registry: Registry) -> None:
    """What is there stays; what is new is refused from then on."""
    for tag in ("v1.0", "nightly", "test"):
        registry.push_image(f"{PROJECT}/app", tag, annotations={"tag": tag})
    admin.go(f"/projects/{PROJECT}?tab=naming")
    admin.sees("There are no rules")
    admin.press("Add a rule")
    admin.field("New tags").fill("v* main")
    admin.sees("called/app:nightly")
    admin.sees("called/app:test")
    admin.look("naming-rule")
    admin.press("Save rule")
    admin.sees("v* or main")
    admin.look("naming")

    with pytest.raises(AssertionError, match="403"):
        registry.push_image(f"{PROJECT}/app", "latest")
    registry.push_image(f"{PROJECT}/app", "nightly", annotations={"tag": "again"})


def test_a_name_is_tried_before_anybody_pushes_it(admin: Person, registry: Registry) -> None:
    """The page says what whoever pushes it would read."""
    rules = {"rules": [{"repositories": "tried/**", "tags": ["v*"], "names": ["tried/*-svc"]}]}
    registry.push_image("tried/app", "v1")
    registry.ask("PUT", "/api/v1/projects/tried/naming", rules)
    admin.go("/projects/tried?tab=naming")
    told = admin.page.get_by_role("region", name="Try a name")

    admin.field("Repository or tag").fill("tried/new:beta")
    admin.press("Explain")
    expect(told).to_contain_text("wants new repositories to be called tried/*-svc")
    expect(told).to_contain_text("wants new tags to be called v*")
    admin.look("naming-explained")
    admin.field("Repository or tag").fill("tried/app:v2")
    admin.press("Explain")
    expect(told).to_contain_text("It may be called so.")


def test_a_rule_is_changed_and_removed(admin: Person, registry: Registry) -> None:
    """After a question."""
    registry.push_image("changed/app", "v1")
    registry.ask("PUT", "/api/v1/projects/changed/naming", {"rules": [{"repositories": "changed/**", "tags": ["v*"]}]})
    admin.go("/projects/changed?tab=naming")
    admin.choose("Actions for rule 1", "Change…")
    admin.field("New tags").fill("v* latest")
    admin.press("Save rule")
    admin.sees("v* or latest")
    admin.choose("Actions for rule 1", "Remove…")
    admin.press("Remove rule")
    admin.sees("There are no rules")
