# SPDX-License-Identifier: Apache-2.0
"""Giving new projects and repositories what templates say, in the transactions in which they come about."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol

from sqlalchemy import Connection

from entrepot.features.grants import give
from entrepot.features.projects import Founding
from entrepot.features.projects import Start
from entrepot.features.projects import Visibility
from entrepot.features.templates import store
from entrepot.features.templates.choose import choose
from entrepot.features.templates.models import Purpose
from entrepot.features.templates.models import Template
from entrepot.features.templates.planning import Plan
from entrepot.features.templates.planning import plan
from entrepot.features.templates.telling import Occasion
from entrepot.features.templates.telling import tell_applied
from entrepot.features.templates.telling import tell_skipped
from entrepot.kernel.access import principal_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.events import Event
from entrepot.registry.store import repositories


class ClosedProjects(Protocol):
    """Knows which visibilities a project of a name does not get. Answers from memory."""

    def __call__(self, project: str) -> AbstractSet[Visibility]:
        """Return them."""


class Starting:
    """Applies the most specific template, once, when something is new. What cannot be given is left out and told."""

    def __init__(self, closed: ClosedProjects) -> None:
        self._closed = closed

    def project(self, connection: Connection, founding: Founding) -> Start:
        """Give a new project its grants; return its visibility, which is what was asked for if anything was."""
        asked = founding.visibility or Visibility.PRIVATE
        planned = self.plan_project(connection, founding.name, founding.creator)
        if planned is None:
            return Start(asked)
        occasion = Occasion(founding.name, "", founding.at, founding.principal)
        _give(connection, planned, occasion)
        label = planned.template.label
        if founding.visibility is not None or planned.visibility is None:
            return Start(asked, label)
        if planned.visibility_obstacle:
            what = {"visibility": planned.visibility.value}
            tell_skipped(connection, planned.template, occasion, what, planned.visibility_obstacle)
            return Start(asked, label)
        return Start(planned.visibility, label)

    def repositories(self, connection: Connection, events: Sequence[Event]) -> None:
        """Give repositories that were pushed into for the first time their grants.

        One that is gone meanwhile, or is there for another first push, gets nothing for this one.
        """
        candidates = store.candidates(connection, Purpose.REPOSITORY, {event.project for event in events})
        for event in events if candidates else ():
            own = (each for each in candidates if each.project in ("", event.project))
            chosen = choose(own, event.repository)
            seen_at = repositories.lock_seen(connection, RepositoryName(event.repository)) if chosen else None
            if chosen is None or seen_at is None or event.occurred_at < seen_at:
                continue
            template = store.find(connection, chosen.project, chosen.name)
            if template is not None:
                creator = principal_of(event.principal, event.credential)
                occasion = Occasion(event.project, event.repository, event.occurred_at, creator)
                tell_applied(connection, template, occasion)
                _give(connection, plan(connection, template, event.repository, event.principal), occasion)

    def plan_project(self, connection: Connection, name: str, creator: str | None) -> Plan | None:
        """Return what a new project of this name starts with, None if there is no template for it. See `plan`."""
        template = _chosen(connection, Purpose.PROJECT, "", name)
        if template is None:
            return None
        planned = plan(connection, template, name, creator)
        is_closed = planned.visibility is not None and planned.visibility in self._closed(name)
        obstacle = f"a guardrail does not let the project {name} be {planned.visibility}" if is_closed else ""
        return replace(planned, visibility_obstacle=obstacle)

    def plan_repository(self, connection: Connection, name: RepositoryName) -> Plan | None:
        """Return what a new repository of this name starts with, whoever makes it, None if nothing is for it."""
        template = _chosen(connection, Purpose.REPOSITORY, namespace_of(name), name)
        return None if template is None else plan(connection, template, name, None)


def _chosen(connection: Connection, purpose: Purpose, project: str, name: str) -> Template | None:
    chosen = choose(store.candidates(connection, purpose, {project}), name)
    return None if chosen is None else store.find(connection, chosen.project, chosen.name)


def _give(connection: Connection, planned: Plan, occasion: Occasion) -> None:
    label = planned.template.label
    for grant in planned.grants:
        if grant.obstacle or grant.terms is None:
            what = {"principal": grant.principal, "role": grant.role, "path_pattern": grant.path_pattern}
            tell_skipped(connection, planned.template, occasion, what, grant.obstacle)
        else:
            give(connection, grant.terms, None, occasion.at, label)
