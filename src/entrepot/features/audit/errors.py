# SPDX-License-Identifier: Apache-2.0
"""What can be wrong about the audit log."""

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class AuditKeyUnreadable(AppError):
    """The key that signs the audit log was encrypted by another instance key."""

    code = "audit_key_unreadable"
    default_hint = (
        "Give this process the instance key that the database was set up with: "
        "the file instance.key of that data directory, or the one that keys.instance_key_file names."
    )


class UnknownType(InvalidRequest):
    """There is no such type of record."""

    code = "audit_type_unknown"
    default_hint = "docs/reference/audit.md lists them; the part before the dot stands for all that begin with it."


class SubjectUnknown(NotFound):
    """Nobody of this name is in the audit log."""

    code = "audit_subject_unknown"
    default_hint = "Name it as records do: user:alice, robot:team-ci, or address:203.0.113.7."


class NotErasable(InvalidRequest):
    """Only names of people, robots and workloads, and addresses, can be erased."""

    code = "audit_not_erasable"
    default_hint = "Name it as records do: user:alice, robot:team-ci, or address:203.0.113.7."


class OnHold(Conflict):
    """A hold is on what this would remove."""

    code = "audit_on_hold"
    default_hint = "entrepot audit hold list shows which; whoever placed it can say whether it may be released."


class HoldUnknown(NotFound):
    """There is no such hold."""

    code = "audit_hold_unknown"
    default_hint = "entrepot audit hold list shows which there are."


class HoldInvalid(InvalidRequest):
    """The span ends before it begins."""

    code = "audit_hold_invalid"
    default_hint = "Give an end after the beginning, or none."


class TooManyHolds(Conflict):
    """There can be no more holds."""

    code = "audit_too_many_holds"
    default_hint = "Release some first, or widen one: a hold may cover any span."


class FilterUnknown(NotFound):
    """There is no such saved search."""

    code = "audit_filter_unknown"
    default_hint = "entrepot audit filter list shows yours, and those that others share."


class TooManyFilters(Conflict):
    """There can be no more saved searches."""

    code = "audit_too_many_filters"
    default_hint = "Delete some first: entrepot audit filter delete."


class NoCheckpoint(InvalidRequest):
    """This is no checkpoint of an audit log."""

    code = "audit_no_checkpoint"
    default_hint = "Send tokens as `entrepot audit checkpoints` writes them."


class WitnessContradicted(Conflict):
    """The checkpoint contradicts one that was left here before."""

    code = "audit_contradicted"
    default_hint = (
        "Find out why before anything else: the log was written anew, or its database was restored from a backup. "
        "Then go on with another robot; what this one left here stays."
    )


class NotReadable(InvalidRequest):
    """Nothing can be read back from there."""

    code = "audit_not_readable"
    default_hint = "Name a file of checkpoints, or a destination that is a file, a bucket or a witness."
