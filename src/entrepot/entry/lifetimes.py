# SPDX-License-Identifier: Apache-2.0
"""What features do when a project begins, and when it ends."""

from sqlalchemy import Connection

from entrepot.features.break_glass import leave_project
from entrepot.features.descriptions import forget_descriptions
from entrepot.features.grants import remove_within
from entrepot.features.guardrails import end_exceptions_within
from entrepot.features.holds import forget_holds
from entrepot.features.immutability import forget_project
from entrepot.features.invitations import offer_nothing_in
from entrepot.features.naming import forget_naming
from entrepot.features.projects import Founding
from entrepot.features.projects import ProjectName
from entrepot.features.projects import Start
from entrepot.features.promotions import forget_promotions
from entrepot.features.quotas import forget_quota
from entrepot.features.quotas import of_project
from entrepot.features.retention import begin_with_one_rule
from entrepot.features.retention import forget_retention
from entrepot.features.robots import remove_of_project
from entrepot.features.templates import Starting
from entrepot.features.templates import remove_templates_of
from entrepot.features.webhooks import forget_webhooks
from entrepot.kernel.clock import Clock
from entrepot.registry.store import modes


def begin(starting: Starting, connection: Connection, founding: Founding) -> Start:
    """Give a new project what features have for it, in the transaction in which it comes about."""
    begin_with_one_rule(connection, founding.name, founding.at)
    return starting.project(connection, founding)


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
    forget_retention(connection, project, now)
    forget_descriptions(connection, project)
    forget_quota(connection, of_project(project), now)
    forget_holds(connection, project)
    forget_webhooks(connection, project, now)
    forget_promotions(connection, project, now)
