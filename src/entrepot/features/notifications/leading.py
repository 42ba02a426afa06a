# SPDX-License-Identifier: Apache-2.0
"""Where in the console a notification leads."""

from collections.abc import Callable
from collections.abc import Mapping
from urllib.parse import quote

from entrepot.features.notifications.models import Notification

LIST = "/profile?tab=notifications"
"""Where somebody sees what they heard of, and says what they want to hear of."""


def path_of(notification: Notification) -> str:
    """Return the path of the page that it is about, below that of the console."""
    lead = _LEADS.get(notification.kind)
    return lead(notification) if lead else LIST


def _to(path: str) -> Callable[[Notification], str]:
    return lambda _notification: path


def _to_project(tab: str, system_tab: str) -> Callable[[Notification], str]:
    def lead(notification: Notification) -> str:
        """Lead to a tab of the project, or of the system where there is none."""
        if notification.project:
            return f"/projects/{quote(notification.project)}?tab={tab}"
        return f"/system?tab={system_tab}"

    return lead


def _to_repository(notification: Notification) -> str:
    return f"/repositories/{quote(notification.repository)}" if notification.repository else "/repositories"


_LEADS: Mapping[str, Callable[[Notification], str]] = {
    "storage.low": _to("/system"),
    "jobs.waiting": _to("/jobs"),
    "jobs.running": _to("/jobs"),
    "jobs.failed": _to("/jobs"),
    "certificate.ends": _to("/system"),
    "token.ends": _to("/profile?tab=tokens"),
    "account.token": _to("/profile?tab=tokens"),
    "robot-secret.ends": _to_project("robots", "robots"),
    "quota.reached": _to_project("quota", "quotas"),
    "webhook.paused": _to_project("webhooks", "webhooks"),
    "retention.failed": _to_project("retention", "retention"),
    "tag.expiring": _to_repository,
    "copy.failed": _to_repository,
    "logins.account": _to("/audit"),
    "logins.address": _to("/audit"),
    "break-glass.opened": _to("/break-glass"),
    "audit.contradicted": _to("/audit"),
    "approval.requested": _to("/approvals"),
    "approval.decided": _to("/approvals"),
    "promotion.requested": _to("/promotions"),
    "promotion.ended": _to("/promotions"),
}
