# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about policies."""

from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.retention.models import Rule
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.policies import Terms
from entrepot.features.retention.tables import retention_policies as policies
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName

_KEY = (policies.c.level == bindparam("of_level"), policies.c.scope == bindparam("of_scope"))
_POLICY = select(policies).where(*_KEY)
_SCHEDULED = select(policies).where(policies.c.cron != "").order_by(policies.c.level, policies.c.scope)
_OF_REPOSITORY = (
    select(policies)
    .where(
        or_(
            policies.c.level == Level.REGISTRY.value,
            (policies.c.level == Level.PROJECT.value) & (policies.c.scope == bindparam("project")),
            (policies.c.level == Level.REPOSITORY.value) & (policies.c.scope == bindparam("repository")),
        )
    )
    .order_by(policies.c.level, policies.c.scope)
)
_ALL = select(policies).order_by(policies.c.level, policies.c.scope)
_IS_IN_PROJECT = or_(
    policies.c.scope == bindparam("project"),
    (policies.c.scope > bindparam("below")) & (policies.c.scope < bindparam("behind")),
)
_OF_PROJECT = _ALL.where(policies.c.level != Level.REGISTRY.value, _IS_IN_PROJECT)
_WITHIN_PROJECT = _ALL.where(or_(policies.c.level == Level.REGISTRY.value, _IS_IN_PROJECT))


def find(connection: Connection, scope: Scope) -> Policy | None:
    """Return the policy of exactly this scope."""
    row = connection.execute(_POLICY, {"of_level": scope.level.value, "of_scope": scope.name}).one_or_none()
    return None if row is None else _policy(row)


def put(connection: Connection, policy: Policy) -> None:
    """Set a policy in place of the one of its scope."""
    key = {"level": policy.scope.level.value, "scope": policy.scope.name}
    terms = policy.terms
    values = {
        "rules": msgspec.json.encode(terms.rules).decode(),
        "cron": terms.cron,
        "expires_by_labels": terms.expires_by_labels,
        "brake_percent": terms.brake_percent,
        "changed_at": policy.changed_at,
        "changed_by": policy.changed_by,
    }
    insert_ = dialect_insert(connection, policies).values(**key, **values)
    connection.execute(insert_.on_conflict_do_update(index_elements=["level", "scope"], set_=values))


def note_begun(connection: Connection, policy: Policy, now: Milliseconds) -> bool:
    """Note that a policy is carried out by itself; False if somebody did, or removed it, since it was read."""
    key = {"of_level": policy.scope.level.value, "of_scope": policy.scope.name}
    before = policies.c.begun_at.is_(None) if policy.begun_at is None else policies.c.begun_at == policy.begun_at
    return connection.execute(update(policies).where(*_KEY, before).values(begun_at=now), key).rowcount == 1


def remove(connection: Connection, scope: Scope) -> None:
    """Forget a policy."""
    connection.execute(delete(policies).where(*_KEY), {"of_level": scope.level.value, "of_scope": scope.name})


def of_repository(connection: Connection, repository: RepositoryName) -> tuple[Policy, ...]:
    """Return the policies that a repository is under."""
    asked = {"project": repository.partition("/")[0], "repository": repository}
    return tuple(_policy(row) for row in connection.execute(_OF_REPOSITORY, asked))


def within(connection: Connection, scope: Scope) -> tuple[Policy, ...]:
    """Return the policies that any repository in a scope is under."""
    if scope.level is Level.REPOSITORY:
        return of_repository(connection, RepositoryName(scope.name))
    if scope.level is Level.REGISTRY:
        return tuple(_policy(row) for row in connection.execute(_ALL))
    asked = {"project": scope.name, "below": f"{scope.name}/", "behind": f"{scope.name}0"}
    return tuple(_policy(row) for row in connection.execute(_WITHIN_PROJECT, asked))


def remove_project(connection: Connection, project: str) -> list[Policy]:
    """Forget the policies of a project and of the repositories in it; return them."""
    asked = {"project": project, "below": f"{project}/", "behind": f"{project}0"}
    found = [_policy(row) for row in connection.execute(_OF_PROJECT, asked)]
    for policy in found:
        remove(connection, policy.scope)
    return found


def scheduled(connection: Connection) -> tuple[Policy, ...]:
    """Return the policies that are carried out by themselves."""
    return tuple(_policy(row) for row in connection.execute(_SCHEDULED))


def _policy(row: Row[Any]) -> Policy:
    terms = Terms(
        rules=msgspec.json.decode(row.rules, type=tuple[Rule, ...]),
        cron=row.cron,
        brake_percent=row.brake_percent,
        expires_by_labels=row.expires_by_labels,
    )
    return Policy(
        scope=Scope(Level(row.level), row.scope),
        terms=terms,
        changed_at=Milliseconds(row.changed_at),
        changed_by=row.changed_by,
        begun_at=row.begun_at,
    )
