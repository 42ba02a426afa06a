# SPDX-License-Identifier: Apache-2.0
"""What is said to whoever is refused or warned, and of quotas that were changed, reached and fallen below."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.features.quotas.models import EVERY_PROJECT
from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import Resource
from entrepot.features.quotas.models import Standing
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.models import parted
from entrepot.features.quotas.models import percent_of
from entrepot.features.quotas.sizes import shown_size
from entrepot.registry.announcing import Told

_LONGEST_NAME = 100
_ONE = {Resource.ARTIFACTS: "artifact", Resource.REPOSITORIES: "repository", Resource.TAGS: "tag"}


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is not there for what somebody wants: `needed` more of a resource."""

    resource: Resource
    used: int
    limit: int
    needed: int


def refusal(subject: Subject, quota: Quota, short: Shortage) -> str:
    """Say what is used, what the limit is, what is needed, and whom to ask."""
    used, limit = _bare(short.resource, short.used), _amount(short.resource, short.limit)
    wanted = f"this needs {_amount(short.resource, short.needed)} more" if short.needed else "nothing more fits"
    return f"quota of {named(subject)}: {used} of {limit} used, and {wanted}; {_advice(subject, quota)}"


def warning(subject: Subject, quota: Quota, used: Amounts) -> str:
    """Say that a threshold is reached; empty where none is."""
    if not quota.thresholds:
        return ""
    lowest = quota.thresholds[0]
    reached = [
        (percent_of(used.of(resource), limit), resource, limit)
        for resource, limit in quota.limits.given()
        if percent_of(used.of(resource), limit) >= lowest
    ]
    if not reached:
        return ""
    percent, resource, limit = max(reached)
    amount = _bare(resource, used.of(resource))
    return f"quota of {named(subject)}: {percent} % used, {amount} of {_amount(resource, limit)}"


def named(subject: Subject) -> str:
    """Say who has the quota."""
    if subject == EVERY_PROJECT:
        return "projects without their own"
    kind, name = parted(subject)
    return f"{kind} {name if len(name) <= _LONGEST_NAME else f'{name[: _LONGEST_NAME - 3]}...'}"


def told_of_change(subject: Subject, before: Quota | None, after: Quota | None) -> Told:
    """Say which quota there was, and which there is."""
    return Told(
        object=f"quota:{subject or 'default'}",
        project=_project_of(subject),
        before=plain(before),
        after=plain(after),
    )


def told_of_threshold(standing: Standing, quota: Quota, resource: Resource, percent: int) -> Told:
    """Say that a threshold was reached."""
    limit = quota.limits.of(resource) or 0
    used = standing.used.of(resource)
    return Told(
        object=f"quota:{standing.subject}",
        project=_project_of(standing.subject),
        after={"resource": resource.value, "threshold": percent, "used": used, "limit": limit},
        reason=f"{percent_of(used, limit)} % used, {_bare(resource, used)} of {_amount(resource, limit)}",
    )


def plain(quota: Quota | None) -> Mapping[str, object] | None:
    """Return a quota as plain values."""
    if quota is None:
        return None
    limits = {resource.value: limit for resource, limit in quota.limits.given()}
    return {"limits": limits, "thresholds": list(quota.thresholds), "contact": quota.contact}


def reached_by(quota: Quota | None, used: Amounts) -> Iterable[tuple[Resource, int]]:
    """Yield the thresholds at which what is used is, or beyond."""
    if quota is None:
        return
    for resource, limit in quota.limits.given():
        percent = percent_of(used.of(resource), limit)
        yield from ((resource, each) for each in quota.thresholds if percent >= each)


def _advice(subject: Subject, quota: Quota) -> str:
    if quota.contact:
        return f"delete something, or ask {quota.contact}"
    kind, name = parted(subject)
    if kind is SubjectKind.PROJECT:
        return f"delete something, or ask the administrators of the project {name[:_LONGEST_NAME]} or of the registry"
    return "delete something that you pushed, or ask an administrator of the registry"


def _project_of(subject: Subject) -> str:
    if subject == EVERY_PROJECT:
        return ""
    kind, name = parted(subject)
    return name if kind is SubjectKind.PROJECT else ""


def _bare(resource: Resource, amount: int) -> str:
    return shown_size(amount) if resource is Resource.BYTES else str(amount)


def _amount(resource: Resource, amount: int) -> str:
    if resource is Resource.BYTES:
        return shown_size(amount)
    noun = resource.value if amount != 1 else _ONE[resource]
    return f"{amount} {noun}"
