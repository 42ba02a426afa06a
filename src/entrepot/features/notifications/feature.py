# SPDX-License-Identifier: Apache-2.0
"""Notifications, as the application lists them."""

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass

from entrepot.features.notifications.addressing import Addressing
from entrepot.features.notifications.administering import NotificationAdministration
from entrepot.features.notifications.audience import Audience
from entrepot.features.notifications.choosing import Choosing
from entrepot.features.notifications.cli import notification_commands
from entrepot.features.notifications.handlers import ToldPeople
from entrepot.features.notifications.jobs import Tidying
from entrepot.features.notifications.jobs import notification_jobs
from entrepot.features.notifications.letters import Letters
from entrepot.features.notifications.mailing import Mailing
from entrepot.features.notifications.noting import Noting
from entrepot.features.notifications.readings import Disk
from entrepot.features.notifications.readings import Ending
from entrepot.features.notifications.readings import Readings
from entrepot.features.notifications.readings import Surroundings
from entrepot.features.notifications.routes.administration import NotificationAdministrationRoutes
from entrepot.features.notifications.routes.own import NotificationRoutes
from entrepot.features.notifications.service import Inbox
from entrepot.features.notifications.settings import NotificationSettings
from entrepot.features.notifications.watching import Watching
from entrepot.features.projects import ProjectRights
from entrepot.infra.mail.settings import MailSettings
from entrepot.infra.mail.transport import Mailer
from entrepot.kernel.access import Principal
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

__all__ = ["Disk", "Ending", "Surroundings", "TellingPeople", "feature", "notification_parts"]

feature: Feature[object] = Feature(
    name="notifications",
    needs=("access", "groups", "identity", "projects", "roles", "tokens"),
    settings=NotificationSettings,
    commands=(notification_commands,),
)


@dataclass(frozen=True, slots=True)
class TellingPeople:
    """What it takes to tell people of what happens."""

    project_rights: ProjectRights
    is_account: Callable[[Principal], Awaitable[bool]]
    """Tells whether an account exists and is enabled."""
    mail: MailSettings
    console_url: str
    """Where the console is; empty where it is not configured."""
    surroundings: Surroundings


def notification_parts(platform: Platform, settings: NotificationSettings, telling: TellingPeople) -> Parts:
    """Return what notifications add to a running application."""
    database, clock, rights = platform.database, platform.clock, platform.rights
    audience = Audience(rights, telling.project_rights, telling.is_account)
    mailer, letters = Mailer(telling.mail), Letters(telling.console_url)
    noting = Noting(is_mail_on=mailer.is_on)
    watching = Watching(database, Readings(database, telling.surroundings), noting)
    mailing = Mailing(database, mailer, audience, letters, clock, settings.mails_an_hour)
    callers = ApiCallers(rights)
    addressing = Addressing(database, mailer, letters, clock)
    own = NotificationRoutes(Inbox(database, audience, clock), Choosing(database, clock), addressing, callers)
    administration = NotificationAdministration(database, rights, mailer, letters, clock)
    return Parts(
        routes=(own.router(), NotificationAdministrationRoutes(administration, callers).router()),
        listeners=(ToldPeople(noting, clock),),
        jobs=notification_jobs(clock, watching, Tidying(database, settings), mailing),
    )
