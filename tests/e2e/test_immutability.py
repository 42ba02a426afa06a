# SPDX-License-Identifier: Apache-2.0
"""Immutable tags: rules of a project, with what they are about in view, and those of the registry and about names."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

PROJECT = "lasting"


def fill(registry: Registry) -> None:
    """Push some tags, unless an earlier story did."""
    if not registry.ask("GET", "/api/v1/projects?search=lasting")["items"]:
        for tag in ("v1.0.0", "v1.1.0", "latest"):
            registry.push_image(f"{PROJECT}/app", tag, annotations={"tag": tag})


def test_a_rule_is_set_with_what_it_is_about_in_view(admin: Person, registry: Registry) -> None:
    """While it is written the tags are shown; once it is set they stay what they are."""
    fill(registry)
    admin.go(f"/projects/{PROJECT}?tab=immutability")
    admin.sees("There are no rules")
    admin.look("immutability-none")

    admin.press("Add a rule")
    admin.field("Tags").fill("v*")
    admin.sees("2 tags match")
    admin.look("immutability-rule")
    admin.press("Save rule")
    expect(admin.page.get_by_text("v*", exact=False).first).to_be_visible()
    admin.look("immutability")

    with pytest.raises(AssertionError, match="403"):
        registry.push_image(f"{PROJECT}/app", "v1.0.0", annotations={"tag": "another"})
    registry.push_image(f"{PROJECT}/app", "latest", annotations={"tag": "another"})


def test_rules_of_the_registry_are_beside_the_system(admin: Person) -> None:
    """And so are those about names, which say how they are set."""
    admin.go("/system?tab=immutability")
    admin.sees("What happens to tags wherever no rule of the project is about them.")
    admin.look("immutability-registry")
    admin.go("/system?tab=naming")
    admin.look("naming-registry")


def test_a_tag_says_what_may_happen_to_it(admin: Person, registry: Registry) -> None:
    """An override lets it be changed for a while, with a reason; taken back, the rule counts again."""
    registry.push_image("kept/app", "v1", annotations={"number": "1"})
    rules = {"rules": [{"repositories": "kept/**", "tags": "v*", "effect": "immutable"}]}
    registry.ask("PUT", "/api/v1/projects/kept/immutability", rules)
    admin.go("/repositories/kept/app/-/tags/v1?tab=immutability")
    admin.sees("rule 1 of the project kept")
    admin.look("immutability-tag")

    admin.press("Override the rule…")
    admin.field("Reason").fill("Built from the wrong branch")
    admin.look("immutability-override")
    admin.press("Override the rule")
    admin.sees("in force")
    admin.look("immutability-overridden")
    registry.push_image("kept/app", "v1", annotations={"number": "2"})

    admin.press("Take it back")
    admin.page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(admin.page.get_by_role("button", name="Override the rule…")).to_be_visible()
    with pytest.raises(AssertionError, match="403"):
        registry.push_image("kept/app", "v1", annotations={"number": "3"})


def test_a_tag_without_a_rule_is_free(admin: Person, registry: Registry) -> None:
    """There is nothing to override."""
    registry.push_image("free/app", "v1")
    admin.go("/repositories/free/app/-/tags/v1?tab=immutability")

    admin.sees("Moving it")
    expect(admin.page.get_by_role("button", name="Override the rule…")).to_have_count(0)
