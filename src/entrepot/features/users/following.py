# SPDX-License-Identifier: Apache-2.0
"""What becomes of each column that may name a user, when the user is renamed or merged into another one.

What decides something follows, in the transaction that changes the name. What tells who did something stays as it
was written: it says who that was then, and `former_users` says what that name became.
"""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a column names a user."""

    IDENTITY = "identity"
    """As a principal among others, such as `user:alice`."""
    NAME = "name"
    """By the name alone."""


class AtMerge(StrEnum):
    """What becomes of the rows of a user who is merged into another one."""

    MOVES = "moves"
    """They are the other one's from then on."""
    COMBINES = "combines"
    """They are too, where the other one has nothing alike."""
    ENDS = "ends"
    """They are removed: each user has its own."""


@dataclass(frozen=True, slots=True)
class Following:
    """A column that follows.

    Where `until` names another column, only rows whose moment there is yet to come do. Where `unique` names another
    one, a user has one row of each value there: of two who become one, the row of the user that stays counts.
    """

    table: str
    column: str
    form: Form
    at_merge: AtMerge
    until: str = ""
    unique: str = ""

    def spelled(self, name: str) -> str:
        """Return how the column names the user of this name."""
        return f"user:{name}" if self.form is Form.IDENTITY else name


FOLLOWING = (
    Following("grants", "principal", Form.IDENTITY, AtMerge.COMBINES),
    Following("group_members", "member", Form.IDENTITY, AtMerge.COMBINES),
    Following("credentials", "principal", Form.IDENTITY, AtMerge.COMBINES),
    Following("credentials", "created_by", Form.IDENTITY, AtMerge.MOVES),
    Following("refresh_tokens", "principal", Form.IDENTITY, AtMerge.MOVES),
    Following("uploads", "owner", Form.IDENTITY, AtMerge.MOVES),
    Following("repo_blobs", "leased_by", Form.IDENTITY, AtMerge.MOVES, until="lease_until"),
    Following("invitations", "invited_by", Form.IDENTITY, AtMerge.MOVES),
    Following("guardrail_exceptions", "principal", Form.IDENTITY, AtMerge.MOVES),
    Following("template_grants", "principal", Form.IDENTITY, AtMerge.MOVES),
    Following("break_glass_eligibilities", "principal", Form.IDENTITY, AtMerge.MOVES),
    Following("break_glass_openings", "principal", Form.IDENTITY, AtMerge.MOVES),
    Following("approvals", "requested_by", Form.IDENTITY, AtMerge.MOVES),
    Following("approvals", "decided_by", Form.IDENTITY, AtMerge.MOVES),
    Following("copies", "requested_by", Form.IDENTITY, AtMerge.MOVES),
    Following("promotion_approvers", "approver", Form.IDENTITY, AtMerge.MOVES, unique="path_id"),
    Following("promotion_decisions", "decided_by", Form.IDENTITY, AtMerge.MOVES, unique="promotion_id"),
    Following("promotions", "requested_by", Form.IDENTITY, AtMerge.MOVES),
    Following("promotions", "carried_out_by", Form.IDENTITY, AtMerge.MOVES),
    Following("imports", "requested_by", Form.IDENTITY, AtMerge.MOVES),
    Following("audit_filters", "owner", Form.IDENTITY, AtMerge.MOVES, unique="name"),
    Following("search_saved", "owner", Form.IDENTITY, AtMerge.MOVES, unique="name"),
    Following("artifact_notes", "author", Form.IDENTITY, AtMerge.MOVES),
    Following("descriptions", "owner", Form.IDENTITY, AtMerge.MOVES),
    Following("webhooks", "owner", Form.IDENTITY, AtMerge.MOVES),
    Following("notifications", "person", Form.IDENTITY, AtMerge.MOVES, unique="source"),
    Following("notification_preferences", "person", Form.IDENTITY, AtMerge.ENDS),
    Following("notification_mutes", "person", Form.IDENTITY, AtMerge.ENDS),
    Following("notification_mails", "person", Form.IDENTITY, AtMerge.MOVES),
    Following("quotas", "subject", Form.IDENTITY, AtMerge.COMBINES),
    Following("sessions", "user_name", Form.NAME, AtMerge.ENDS),
    Following("second_factors", "user_name", Form.NAME, AtMerge.ENDS),
    Following("recovery_codes", "user_name", Form.NAME, AtMerge.ENDS),
)

STAYING = {
    "users.name": "is what is renamed",
    "former_users.name": "keeps the old name from being given out again",
    "former_users.became": "is kept up with by identity itself",
    "recovery_codes.made_for": "is what the digests of the codes were made with",
    "invitations.user_name": "is a name that nobody has yet",
    "invitations.accepted_as": "tells who came of it, then",
    "login_aliases.principal": "names robots only",
    "audit_names.name": "belongs to the record, which never changes",
    "audit_holds.placed_by": "tells who did it",
    "audit_holds.released_by": "tells who did it",
    "audit_witnessed.origin": "tells who left it here, and decides nothing",
    "event_sinks.holder": "is a process",
    "grants.created_by": "tells who did it",
    "group_members.created_by": "tells who did it",
    "groups.created_by": "tells who did it",
    "projects.created_by": "tells who did it",
    "projects.cause": "tells how it came to be",
    "robots.created_by": "tells who did it",
    "roles.created_by": "tells who did it",
    "modes.set_by": "tells who did it",
    "backups.taken_by": "names a user of the operating system",
    "manifests.pushed_by": "tells who did it",
    "manifests.deleted_by": "tells who did it",
    "manifests.subject": "is a digest",
    "tags.updated_by": "tells who did it",
    "tag_history.changed_by": "tells who did it",
    "tag_history.cause": "tells how it came to be",
    "collection_runs.cause": "tells who did it",
    "login_failures.subject": "is a digest of an address and a name, and begins anew",
    "jobs.claimed_by": "names a process",
    "templates.created_by": "tells who did it",
    "templates.changed_by": "tells who did it",
    "approval_rules.set_by": "tells who did it",
    "guardrails.created_by": "tells who did it",
    "guardrails.changed_by": "tells who did it",
    "guardrail_exceptions.created_by": "tells who did it",
    "usage_counts.name": "counts what was done under the name of then, for 90 days",
    "rule_books.changed_by": "tells who did it",
    "retention_policies.changed_by": "tells who did it",
    "retention_plans.made_by": "tells who did it",
    "tag_expiries.set_by": "tells who did it",
    "quotas.changed_by": "tells who did it",
    "quota_counted.subject": "counts what was pushed under the name of then",
    "quota_totals.subject": "is the sum of what was pushed under the name of then",
    "quota_days.subject": "tells what was used under the name of then",
    "quota_reached.subject": "belongs to the sum of what was pushed under the name of then",
    "quota_reservations.subject": "is over in a minute",
    "webhook_deliveries.subject": "names what an event was about, then",
    "webhooks.paused_by": "tells whether a person did it, and names none",
    "notification_rules.changed_by": "tells who did it",
    "notification_conditions.subject": "names what a rule watches, then",
    "notification_failures.who": "counts logins under the name of then, for an hour",
    "notification_mails.subject": "is what a mail was called",
    "immutability_overrides.created_by": "tells who did it",
    "promotion_paths.changed_by": "tells who did it",
    "artifact_labels.changed_by": "tells who did it",
    "descriptions.changed_by": "tells who did it",
    "placed_holds.placed_by": "tells who did it",
    "placed_holds.released_by": "tells who did it",
    "in_use_clusters.reported_by": "tells who did it",
    "break_glass_eligibilities.created_by": "tells who did it",
    "break_glass_openings.ended_by": "tells who did it",
    "break_glass_openings.acknowledged_by": "tells who did it",
    "guardrail_simulations.principal": "tells who would have been refused, then",
}
"""Columns that stay, each with the reason."""
