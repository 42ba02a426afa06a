# SPDX-License-Identifier: Apache-2.0
"""What features do when a project is deleted."""

from sqlalchemy import Connection

from entrepot.features.break_glass import leave_project
from entrepot.features.grants import remove_within
from entrepot.features.guardrails import end_exceptions_within
from entrepot.features.holds import forget_holds
from entrepot.features.immutability import forget_project
from entrepot.features.invitations import offer_nothing_in
from entrepot.features.naming import forget_naming
from entrepot.features.projects import ProjectName
from entrepot.features.robots import remove_of_project
from entrepot.features.templates import remove_templates_of
from entrepot.kernel.clock import Clock
from entrepot.registry.store import modes


def take_leave(clock: Clock, connection: Connection, project: ProjectName) -> None:
    """Remove what features keep about a project that is deleted, in that transaction."""
    now = clock()
    modes.remove(connection, project)
    offer_nothing_in(connection, project, now)
    leave_project(connection, project, now)
    end_exceptions_within(connection, project, now)
    remove_within(connection, project)
    remove_of_project(connection, project)
    remove_templates_of(connection, project)
    forget_project(connection, project, now)
    forget_naming(connection, project, now)
    forget_holds(connection, project)
