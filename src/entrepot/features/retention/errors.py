# SPDX-License-Identifier: Apache-2.0
"""What may be wrong with retention."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class RetentionRuleInvalid(InvalidRequest):
    """The retention rule is not valid."""

    code = "retention_rule_invalid"
    default_hint = "docs/how-to/retention.md has what a rule may say."


class ImportRefused(InvalidRequest):
    """The policy says what cannot be said here, or is none."""

    code = "retention_import_refused"
    default_hint = "Change that rule or take it out, and import the rest; nothing was changed."


class ExpiryInvalid(InvalidRequest):
    """A tag cannot expire then."""

    code = "tag_expiry_invalid"
    default_hint = "Name a moment within ten years, or null for never."


class ExpiryUnknown(NotFound):
    """Nobody has said when the tag goes."""

    code = "tag_expiry_unknown"
    default_hint = "What its artifact says is no business of this address; say null to have the tag stay."


class PlanDrifted(Conflict):
    """What the plan was made of has changed too much."""

    code = "retention_plan_drifted"
    default_hint = "Make a plan anew, look at it, and carry that out."


class PlanNeedsConfirmation(Conflict):
    """More would go than a run deletes unasked."""

    code = "retention_plan_needs_confirmation"
    default_hint = "Look at the plan; if that is what you want, carry it out with the number that it names."


class PolicyUnknown(NotFound):
    """There is no such policy."""

    code = "retention_policy_unknown"
    default_hint = "Set one; until then only the policies above it count."


class PlanUnknown(NotFound):
    """There is no such plan."""

    code = "retention_plan_unknown"
    default_hint = "Plans are kept for 90 days; make one anew."


class PlanNotReady(Conflict):
    """The plan is not one that waits to be carried out."""

    code = "retention_plan_not_ready"
    default_hint = "Wait until it is planned; one that was carried out is made anew."
