# SPDX-License-Identifier: Apache-2.0
"""Guardrails: seen by who may read accounts, enforced and let simulate by administrators."""

from playwright.sync_api import Locator
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

LONG_REASON = "Releases come from pipelines, and from nowhere else, as the board has decided for everything that ships"
SET = [
    {"name": "only-ci", "kind": "push-by-machines", "path_pattern": "prod-*/**", "mode": "simulate"},
    {"name": "closed", "kind": "no-public", "path_pattern": "**", "mode": "enforce", "reason": "Nothing leaves"},
    {
        "name": "names-of-services-in-every-department",
        "kind": "naming",
        "path_pattern": "department-of-research-and-development/experimental-services/**",
        "repositories": ["department-*/experimental-services/*-svc"],
        "mode": "enforce",
        "reason": LONG_REASON,
    },
    {"name": "proven", "kind": "second-factor", "path_pattern": "team/**", "mode": "simulate"},
]


def set_all(registry: Registry) -> None:
    """Set the guardrails, unless an earlier story did."""
    if not registry.ask("GET", "/api/v1/guardrails")["items"]:
        for wanted in SET:
            registry.ask("POST", "/api/v1/guardrails", wanted)


def row(somebody: Person, name: str) -> Locator:
    """Find the row of a guardrail."""
    return somebody.page.get_by_role("row").filter(has=somebody.page.get_by_text(name, exact=True))


def test_where_nothing_is_set_it_is_said_how(admin: Person) -> None:
    """The navigation leads to an empty page with the command that sets the first one."""
    admin.page.locator('nav a[href="/guardrails"]').first.click()

    admin.sees("There are no guardrails")
    admin.sees("entrepot guardrail create")
    admin.look("guardrails-none")


def test_a_guardrail_is_enforced_and_let_simulate(admin: Person, registry: Registry) -> None:
    """Each after a question that says what it comes to; the list tells at once, and so does whoever is refused."""
    set_all(registry)
    admin.go("/guardrails")
    expect(row(admin, "only-ci")).to_contain_text("simulates")
    admin.look("guardrails")
    admin.press("Enforce only-ci")
    admin.sees("It refuses from now on, administrators too.")
    admin.look("guardrail-enforcement")
    admin.press("Enforce")
    expect(row(admin, "only-ci")).to_contain_text("refuses")

    admin.press("Let only-ci only simulate")
    admin.look("guardrail-simulation")
    admin.press("Simulate")

    expect(row(admin, "only-ci")).to_contain_text("simulates")
    assert registry.ask("GET", "/api/v1/guardrails/only-ci")["mode"] == "simulate"


def test_an_auditor_changes_nothing(person: MakePerson, registry: Registry) -> None:
    """The list is the same, without the buttons."""
    set_all(registry)
    registry.add_user("otto", ("SYSTEM", "auditor"))
    auditor = person()
    auditor.log_in("otto", PASSWORD)
    auditor.go("/guardrails")

    expect(row(auditor, "closed")).to_contain_text("Nothing leaves")
    expect(auditor.page.get_by_role("button", name="Enforce")).to_have_count(0)
    auditor.look("guardrails-auditor")


def test_an_old_login_is_proved_again(admin: Person, registry: Registry) -> None:
    """To enforce a guardrail is a dangerous act: the console asks for the password, and then does it."""
    set_all(registry)
    registry.age_logins()
    admin.go("/guardrails")
    admin.expected.add(403)
    admin.press("Enforce proven")
    admin.press("Enforce")
    admin.page.get_by_label("Password", exact=True).fill(registry.server.password)
    admin.look("guardrail-proof")
    admin.page.keyboard.press("Enter")

    expect(row(admin, "proven")).to_contain_text("refuses")
