# SPDX-License-Identifier: Apache-2.0
"""Every route of notifications, for the walk over the management API."""

from tests.api.routes_asked import Kind
from tests.api.routes_asked import Route

N = "/api/v1/notifications"
ULID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
RULE = {"levels": [85]}


def of_notifications() -> list[Route]:
    """Return the routes of notifications: each person's own, and those of administrators."""
    own, rule = Kind.OWN, f"{N}/rules/{{rule}}"
    return [
        *(
            Route(own, "GET", f"{N}{path}", f"{N}{path}")
            for path in ("", "/unread", "/kinds", "/preferences", "/mutes")
        ),
        Route(own, "POST", f"{N}:read", f"{N}:read", {}),
        Route(own, "PUT", f"{N}/preferences", f"{N}/preferences", {}),
        Route(own, "PUT", f"{N}/address", f"{N}/address", {"address": "a@example.org"}),
        Route(own, "POST", f"{N}/address:confirm", f"{N}/address:confirm", {"code": "1"}),
        Route(own, "DELETE", f"{N}/address", f"{N}/address"),
        Route(own, "POST", f"{N}/mutes", f"{N}/mutes", {"project": "secret"}),
        Route(own, "DELETE", f"{N}/mutes/{{mute}}", f"{N}/mutes/{ULID}"),
        Route(Kind.SYSTEM, "GET", f"{N}/rules", f"{N}/rules"),
        Route(Kind.MANAGEMENT, "PUT", rule, f"{N}/rules/storage", RULE),
        Route(Kind.MANAGEMENT, "DELETE", rule, f"{N}/rules/storage"),
        Route(Kind.MANAGEMENT, "GET", f"{N}/mails", f"{N}/mails"),
        Route(Kind.MANAGEMENT, "POST", f"{N}/mails:test", f"{N}/mails:test", {"address": "a@example.org"}),
    ]
