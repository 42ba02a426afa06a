# SPDX-License-Identifier: Apache-2.0
"""What is told of retention, in the transactions in which it happens."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from entrepot.features.retention.models import Tag
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.store.expiries import Expiry
from entrepot.kernel.access import internal
from entrepot.kernel.access import principal_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome


def tell_policy(connection: Connection, before: Policy | None, after: Policy | None, now: Milliseconds) -> None:
    """Say that a policy was set, or removed; nothing if it says the same."""
    if before is not None and after is not None and before.terms == after.terms:
        return
    scope = (after or before).scope  # type: ignore[union-attr]
    told = Told(object=f"retention:{scope}", project=scope.project, before=_plain(before), after=_plain(after))
    announce(connection, Change.RETENTION_CHANGED, now, told)


def tell_expiry(
    connection: Connection,
    where: tuple[RepositoryName, TagName],
    said: tuple[Expiry | None, Expiry | None],
    now: Milliseconds,
) -> None:
    """Say what was said of when a tag goes, and what is said now; None for nothing."""
    repository, tag = where
    told = Told(
        object=f"tag:{repository}:{tag}",
        project=namespace_of(repository),
        repository=repository,
        before=_plain_expiry(said[0]),
        after=_plain_expiry(said[1]),
    )
    announce(connection, Change.TAG_EXPIRY_SET, now, told)


def tell_expiring(connection: Connection, repository: RepositoryName, tag: Tag, now: Milliseconds) -> None:
    """Say that a tag goes soon, while somebody can still have it stay."""
    told = Told(
        object=f"tag:{repository}:{tag.name}",
        project=namespace_of(repository),
        repository=repository,
        after={"digest": tag.digest, "expires_at": tag.expires_at},
        principal=internal("retention"),
    )
    announce(connection, Change.TAG_EXPIRING, now, told)


def tell_started(connection: Connection, plan: PlanRecord, by: str, now: Milliseconds) -> None:
    """Say that a plan is carried out, and how much that is."""
    what = {"plan": plan.id, "deletions": plan.deletions, "bytes": plan.bytes}
    told = Told(object=_name(plan.scope), project=plan.scope.project, after=what, principal=principal_of(by))
    announce(connection, Change.RETENTION_RUN, now, told)


def tell_failed(connection: Connection, plan: PlanRecord, reason: str, now: Milliseconds) -> None:
    """Say that a plan came to nothing, or to a part of what it says."""
    told = Told(
        object=_name(plan.scope),
        project=plan.scope.project,
        after={"plan": plan.id, "deletions": plan.deletions, "bytes": plan.bytes},
        outcome=Outcome.FAILED,
        reason=reason,
        principal=internal("retention"),
    )
    announce(connection, Change.RETENTION_RUN, now, told)


def _name(scope: Scope) -> str:
    return f"retention:{scope}"


def _plain_expiry(expiry: Expiry | None) -> Any:
    return None if expiry is None else {"digest": expiry.digest, "expires_at": expiry.expires_at}


def _plain(policy: Policy | None) -> Any:
    return None if policy is None else msgspec.to_builtins(policy.terms)
