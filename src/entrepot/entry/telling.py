# SPDX-License-Identifier: Apache-2.0
"""What keeps and tells what happens, put together, and what brings here what other registries have."""

from dataclasses import dataclass

from entrepot.entry.configuration import Settings
from entrepot.entry.surroundings import surroundings_of
from entrepot.features.access import GrantAuthorizer
from entrepot.features.audit import AuditLog
from entrepot.features.audit import Checkpoints
from entrepot.features.audit import Refusals
from entrepot.features.audit.feature import audit_parts
from entrepot.features.events.feature import event_parts
from entrepot.features.imports.feature import import_parts
from entrepot.features.notifications.feature import TellingPeople
from entrepot.features.notifications.feature import notification_parts
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import ProjectVisibility
from entrepot.features.tokens import InstanceKey
from entrepot.features.webhooks.feature import Telling
from entrepot.features.webhooks.feature import webhook_parts
from entrepot.infra.http.outbound.client import Outbound
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class Known:
    """Who may be told what, and what secrets are sealed with."""

    authorizer: GrantAuthorizer
    visibility: ProjectVisibility
    instance_key: InstanceKey


def parts_that_tell(platform: Platform, settings: Settings, refusals: Refusals, known: Known) -> list[Parts]:
    """Mount what sends what happened elsewhere, what tells people of it, and what brings here what others have."""
    key, outbound = known.instance_key, Outbound(settings.outgoing)
    rights = ProjectRights(known.authorizer, known.visibility)
    checkpoints = Checkpoints(platform.database, key, settings.registry.region, platform.clock)
    log = AuditLog(platform, rights, settings.audit)
    is_account, server = known.authorizer.is_account, settings.server
    telling = Telling(rights, is_account, key, outbound, server.public_url)
    console_url = f"{server.public_url}{server.path_prefix}" if server.public_url else ""
    people = TellingPeople(rights, is_account, settings.mail, console_url, surroundings_of(settings))
    return [
        audit_parts(platform, log, checkpoints, refusals, settings.audit, outbound),
        webhook_parts(platform, telling),
        event_parts(platform, settings.events.sinks, server.public_url),
        notification_parts(platform, settings.notifications, people),
        import_parts(platform, outbound, key, rights),
    ]
