# SPDX-License-Identifier: Apache-2.0
"""Every kind of thing that happens beside pushes and pulls and is kept in the record of who did what."""

from enum import StrEnum


class Change(StrEnum):
    """What happened to an account, a right, a rule or a login. Values never change: they are stored."""

    LOGIN_SUCCEEDED = "login.succeeded"
    """A secret was found right, or a browser session began. A secret counts once in a while, not at each request."""
    LOGIN_FAILED = "login.failed"
    """A secret, a code or a key was wrong, or its owner may not log in."""
    LOGOUT = "login.ended"
    """A browser session was ended, by its user or by somebody else."""
    REQUEST_REFUSED = "request.refused"
    """Somebody who is logged in asked for what they may not do."""

    USER_CREATED = "user.created"
    USER_INVITED = "user.invited"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_CHANGED = "invitation.changed"
    """It offers less: a project that it gave a role in was deleted."""
    USER_CHANGED = "user.changed"
    USER_RENAMED = "user.renamed"
    USER_MERGED = "user.merged"
    USER_ENABLED = "user.enabled"
    USER_DISABLED = "user.disabled"
    USER_DELETED = "user.deleted"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - what happened to it
    SECOND_FACTOR_ADDED = "second-factor.added"
    SECOND_FACTOR_REMOVED = "second-factor.removed"
    RECOVERY_CODES_REPLACED = "second-factor.codes-replaced"

    TOKEN_CREATED = "token.created"  # noqa: S105 - what happened to it
    TOKEN_CHANGED = "token.changed"  # noqa: S105 - what happened to it
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - what happened to it
    ROBOT_CREATED = "robot.created"
    ROBOT_CHANGED = "robot.changed"
    ROBOT_ROTATED = "robot.rotated"
    ROBOT_SECRET_ADDED = "robot.secret-added"  # noqa: S105 - what happened to it
    ROBOT_SECRET_REVOKED = "robot.secret-revoked"  # noqa: S105 - what happened to it
    ROBOT_SECRET_ENDS = "robot.secret-ends"  # noqa: S105 - what happens to it
    """It expires within days, and nobody has replaced it. Told once of each secret."""
    ROBOT_ENABLED = "robot.enabled"
    ROBOT_DISABLED = "robot.disabled"
    ROBOT_DELETED = "robot.deleted"
    KEY_ROTATED = "key.rotated"

    GRANT_GIVEN = "grant.given"
    GRANT_CHANGED = "grant.changed"
    GRANT_TAKEN = "grant.taken"
    GROUP_CREATED = "group.created"
    GROUP_CHANGED = "group.changed"
    GROUP_DELETED = "group.deleted"
    GROUP_JOINED = "group.joined"
    GROUP_LEFT = "group.left"
    ROLE_CREATED = "role.created"
    ROLE_CHANGED = "role.changed"
    ROLE_DELETED = "role.deleted"

    PROJECT_CREATED = "project.created"
    PROJECT_CHANGED = "project.changed"
    PROJECT_DELETED = "project.deleted"
    TEMPLATE_CREATED = "template.created"
    TEMPLATE_CHANGED = "template.changed"
    TEMPLATE_DELETED = "template.deleted"
    TEMPLATE_APPLIED = "template.applied"
    """A new repository starts with what a template says. Of a project, the record of its making says so."""
    TEMPLATE_SKIPPED = "template.skipped"
    """A part of a template could not be given to something new."""
    GUARDRAIL_CREATED = "guardrail.created"
    GUARDRAIL_CHANGED = "guardrail.changed"
    GUARDRAIL_DELETED = "guardrail.deleted"
    GUARDRAIL_EXCEPTION_GIVEN = "guardrail.exception-given"
    GUARDRAIL_EXCEPTION_TAKEN = "guardrail.exception-taken"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_GIVEN = "approval.given"
    APPROVAL_REJECTED = "approval.rejected"
    APPROVAL_WITHDRAWN = "approval.withdrawn"
    APPROVAL_USED = "approval.used"
    APPROVAL_RULES_CHANGED = "approval.rules-changed"
    JOB_STARTED = "job.started"
    JOB_CANCELLED = "job.cancelled"
    JOB_RETRIED = "job.retried"
    COLLECTION_PAUSED = "collection.paused"
    COLLECTION_RESUMED = "collection.resumed"

    BREAK_GLASS_OPENED = "break-glass.opened"
    """Somebody took rights in an emergency, or logged in with an account that is kept for one."""
    BREAK_GLASS_ENDED = "break-glass.ended"
    BREAK_GLASS_ACKNOWLEDGED = "break-glass.acknowledged"
    BREAK_GLASS_ELIGIBILITY_GIVEN = "break-glass.eligibility-given"
    BREAK_GLASS_ELIGIBILITY_TAKEN = "break-glass.eligibility-taken"

    AUDIT_EXPORTED = "audit.exported"
    AUDIT_ERASED = "audit.erased"
    AUDIT_DROPPED = "audit.dropped"
    AUDIT_HELD = "audit.held"
    AUDIT_RELEASED = "audit.released"
    AUDIT_CONTRADICTED = "audit.contradicted"
    AUDIT_REJECTED = "audit.rejected"
    """Another registry left a checkpoint here that contradicts one it left before."""
