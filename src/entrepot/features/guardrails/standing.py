# SPDX-License-Identifier: Apache-2.0
"""What is there already and violates a guardrail: projects, grants, people and repositories."""

from collections.abc import Iterator
from collections.abc import Mapping

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.grants import GranteeKind
from entrepot.features.groups import everybody_in
from entrepot.features.guardrails.evaluate import Rule
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import Violation
from entrepot.features.guardrails.models import Violations
from entrepot.features.guardrails.overlap import overlap
from entrepot.features.guardrails.store.accounts import has_second_factor
from entrepot.features.guardrails.store.standing import StandingGrant
from entrepot.features.guardrails.store.standing import grants_in_force
from entrepot.features.projects import Visibility
from entrepot.features.projects import open_projects
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.spans import behind
from entrepot.registry.store import repositories

MAX_NAMED = 100
"""How many violations are named."""
MAX_LOOKED_AT = 20_000
"""How many projects, grants, people and repositories are looked at before it is said that there may be more."""
MAX_MEMBERS = 1_000
_BATCH = 1_000

_CHANGING = frozenset({Action.PUSH, Action.CREATE, Action.TAG, Action.SIGN, Action.DELETE})
_ADMINISTERING = frozenset({Action.MANAGE_MEMBERS, Action.MANAGE_POLICY, Action.ADMIN})
_OF_PEOPLE = frozenset({GranteeKind.USER, GranteeKind.GROUP, GranteeKind.EVERYONE, GranteeKind.ANONYMOUS})
_OPEN_AS: Mapping[str, Visibility] = {
    GranteeKind.ANONYMOUS: Visibility.PUBLIC,
    GranteeKind.EVERYONE: Visibility.INTERNAL,
}


def survey(connection: Connection, rule: Rule, now: Milliseconds) -> Violations:
    """Return what violates a guardrail and is no exception from it. Looks at much, and not in the event loop."""
    found: list[Violation] = []
    for looked_at, violation in enumerate(_all(connection, rule, now)):
        if violation is not None:
            if len(found) == MAX_NAMED:
                return Violations(tuple(found), is_complete=False)
            found.append(violation)
        if looked_at >= MAX_LOOKED_AT:
            return Violations(tuple(found), is_complete=False)
    return Violations(tuple(found), is_complete=True)


def _all(connection: Connection, rule: Rule, now: Milliseconds) -> Iterator[Violation | None]:
    """Yield something for all that is looked at: None for what is in order."""
    match rule.kind:
        case GuardrailKind.NO_PUBLIC:
            yield from _open_projects(connection, rule, now)
            yield from (_open_grant(grant, rule, now) for grant in _grants(connection, rule, now))
        case GuardrailKind.PUSH_BY_MACHINES:
            yield from (_grant_to_people(grant, rule, now) for grant in _grants(connection, rule, now))
        case GuardrailKind.SECOND_FACTOR:
            yield from _unproven(connection, rule, now)
        case GuardrailKind.NAMING:
            yield from _misnamed(connection, rule, now)


def _open_projects(connection: Connection, rule: Rule, now: Milliseconds) -> Iterator[Violation | None]:
    for visibility in sorted(rule.closes):
        after = ""
        while names := open_projects(connection, after, [visibility], _BATCH):
            for name in names:
                is_bound = rule.pattern.reaches(name) and not rule.exempts(parse_pattern(f"{name}/**"), "", now)
                yield Violation(f"project:{name}", f"is {visibility}") if is_bound else None
            after = names[-1]


def _open_grant(grant: StandingGrant, rule: Rule, now: Milliseconds) -> Violation | None:
    opened = _OPEN_AS.get(_kind_of(grant))
    if opened not in rule.closes or rule.exempts(parse_pattern(grant.path_pattern), "", now):
        return None
    return _told(grant)


def _grant_to_people(grant: StandingGrant, rule: Rule, now: Milliseconds) -> Violation | None:
    is_bound = _kind_of(grant) in _OF_PEOPLE and bool(grant.actions & _CHANGING)
    if not is_bound or rule.exempts(parse_pattern(grant.path_pattern), grant.principal, now):
        return None
    return _told(grant)


def _unproven(connection: Connection, rule: Rule, now: Milliseconds) -> Iterator[Violation | None]:
    told: dict[str, bool] = {}
    for grant in _grants(connection, rule, now):
        yield None
        if not grant.actions & (_CHANGING | _ADMINISTERING) or _kind_of(grant) not in _OF_PEOPLE:
            continue
        for person in _people(connection, grant):
            if person not in told and not rule.exempts(parse_pattern(grant.path_pattern), person, now):
                told[person] = has_second_factor(connection, person.partition(":")[2])
                yield None if told[person] else Violation(person, f"has no second factor, and {_held(grant)}")


def _misnamed(connection: Connection, rule: Rule, now: Milliseconds) -> Iterator[Violation | None]:
    left = rule.pattern.spans()
    while left and (names := repositories.names_within(connection, left, _BATCH)):
        for name in names:
            is_bound = rule.pattern.matches(name) and not rule.exempts(parse_pattern(name), "", now)
            is_wrong = is_bound and not rule.names_repository(name)
            yield Violation(f"repository:{name}", "is called otherwise") if is_wrong else None
        left = behind(left, names[-1])


def _grants(connection: Connection, rule: Rule, now: Milliseconds) -> Iterator[StandingGrant]:
    """Yield the grants on some name that the guardrail is about. A pattern that cannot be read grants nothing."""
    for grant in grants_in_force(connection, now):
        try:
            is_there = overlap(rule.pattern, parse_pattern(grant.path_pattern))
        except InvalidRequest:
            continue
        if is_there:
            yield grant


def _people(connection: Connection, grant: StandingGrant) -> list[str]:
    kind, _, name = grant.principal.partition(":")
    found = everybody_in(connection, name, MAX_MEMBERS) if kind == GranteeKind.GROUP else [grant.principal]
    return [each for each in found if each.startswith(f"{PrincipalKind.USER}:")]


def _kind_of(grant: StandingGrant) -> str:
    return grant.principal.partition(":")[0]


def _told(grant: StandingGrant) -> Violation:
    return Violation(grant.principal, _held(grant))


def _held(grant: StandingGrant) -> str:
    return f"has the role {grant.role} on {grant.path_pattern}"
