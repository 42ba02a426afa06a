# SPDX-License-Identifier: Apache-2.0
"""Which tables are archived, and what of them is not.

A table is in exactly one of these, or a test fails: so whoever adds one decides what becomes of it when the database
is lost.
"""

from collections.abc import Mapping
from types import MappingProxyType

BY_EVENT = (
    "blobs",
    "objects",
    "repositories",
    "repo_blobs",
    "manifests",
    "tags",
    "tag_history",
    "holds",
    "artifact_labels",
    "artifact_notes",
    "descriptions",
)
"""Those of which each event says which rows it changed."""

WHOLE = (
    "stores",
    "modes",
    "projects",
    "roles",
    "groups",
    "group_members",
    "grants",
    "users",
    "former_users",
    "robots",
    "credentials",
    "login_aliases",
    "guardrails",
    "guardrail_exceptions",
    "rule_books",
    "immutability_overrides",
    "quotas",
    "retention_policies",
    "placed_holds",
    "undelete_windows",
    "approval_rules",
    "approvals",
    "templates",
    "template_grants",
    "break_glass_eligibilities",
    "break_glass_openings",
    "promotion_paths",
    "promotion_approvers",
)
"""Those about rights and rules: small, seldom changed, and archived anew as a whole when they were."""

KEPT = (*WHOLE[:1], *BY_EVENT, *WHOLE[1:])

WITHHELD: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "manifests": {"payload": b"", "referrer_descriptor": None},
        "users": {"password_hash": "", "second_factor_at": None},
        "credentials": {"imported_hash": None, "used_at": None, "used_from": None},
    }
)
"""The columns that are not archived, and what a rebuilt database has in their place. The bytes of a manifest are a
document of their own; what people chose may be guessed from its hash, so there is none; the secrets of robots and
tokens are random, and their hashes give nothing away."""

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("manifest_blobs", "manifest_children"), "follows from the manifests"),
        **dict.fromkeys(("uploads", "finished_uploads"), "clients begin anew"),
        **dict.fromkeys(
            ("tombstones", "collection_queue", "collection_marks", "collection_runs"),
            "the collector finds out anew",
        ),
        **dict.fromkeys(
            ("usage_deltas", "usage_blobs", "usage_projects", "usage_totals"), "counted anew, but for pulls"
        ),
        **dict.fromkeys(
            ("usage_days", "usage_project_days", "usage_counts", "usage_measurements"),
            "figures of the past, which are lost",
        ),
        **dict.fromkeys(
            ("usage_tag_uses", "usage_artifact_uses", "usage_recordings"), "what was used is recorded from then on"
        ),
        **dict.fromkeys(("artifact_facts", "artifact_rules", "search_artifacts", "search_terms"), "derived anew"),
        "search_saved": "queries that people kept, which they keep again",
        **dict.fromkeys(
            ("sessions", "refresh_tokens", "invitations", "signing_keys", "second_factors", "recovery_codes"),
            "secrets, which are set anew",
        ),
        **dict.fromkeys(("instance_secrets",), "encrypted by the instance key, and made anew"),
        **dict.fromkeys(("login_failures", "nodes", "jobs", "schedules"), "of the moment"),
        **dict.fromkeys(("backups",), "told by their own files"),
        **dict.fromkeys(("outbox", "outbox_consumers", "archive_chain", "archive_tables"), "the archive's own means"),
        **dict.fromkeys(
            (
                "audit_checkpoints",
                "audit_deliveries",
                "audit_filters",
                "audit_holds",
                "audit_keys",
                "audit_names",
                "audit_partitions",
                "audit_timestamps",
                "audit_uses",
                "audit_witnessed",
            ),
            "the audit log is kept by its destinations; each segment names its newest checkpoint",
        ),
        **dict.fromkeys(("quota_counted", "quota_totals", "quota_reached", "quota_checks"), "counted anew"),
        "quota_days": "figures of the past, which are lost",
        "quota_reservations": "of the moment",
        **dict.fromkeys(("retention_plans", "retention_steps", "retention_doomed"), "made anew; what they did is told"),
        **dict.fromkeys(("tag_expiries", "tag_warnings"), "tags that were to go stay, until somebody says it again"),
        "guardrail_simulations": "figures, which are counted anew",
        **dict.fromkeys(("webhooks", "webhook_secrets"), "receivers know a secret of each; they are set up anew"),
        **dict.fromkeys(("webhook_deliveries", "webhook_attempts", "webhook_outcomes", "event_sinks"), "of the moment"),
        **dict.fromkeys(("copies", "copied_entries"), "what they brought is archived; what goes on is asked for anew"),
        **dict.fromkeys(
            ("promotions", "promotion_decisions"), "the target tells of each; what waits is asked for anew"
        ),
        **dict.fromkeys(
            ("notifications", "notification_conditions", "notification_failures", "notification_mails"), "of the moment"
        ),
        **dict.fromkeys(
            ("notification_preferences", "notification_mutes", "notification_rules"), "people choose it again"
        ),
        "notification_outcomes": "figures, which are counted anew",
        **dict.fromkeys(
            ("imports", "import_repositories", "import_items", "import_contents", "import_uploads"),
            "what they brought is archived; what goes on is asked for anew, with the login for the source",
        ),
        **dict.fromkeys(("in_use_clusters", "in_use_pins"), "clusters say it again"),
    }
)
"""Every other table, and why it can do without."""
