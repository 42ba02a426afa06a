# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a copy."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class CopyInvalid(InvalidRequest):
    """This cannot be copied like that."""

    code = "copy_invalid"


class CopyUnknown(NotFound):
    """There is no such copy, or you may not see it."""

    code = "copy_unknown"
    default_hint = "entrepot copies list shows those of the last 90 days."


class CopyEnded(Conflict):
    """The copy has ended, and nothing follows it."""

    code = "copy_ended"


class CopyStopped(Conflict):
    """The copy was cancelled, or nothing follows it any more."""

    code = "copy_stopped"


class TooManyCopies(Conflict):
    """As many copies of yours wait or run as there can be."""

    code = "too_many_copies"
    default_hint = "Wait for some to end, or cancel them."


class NoTagMatches(InvalidRequest):
    """No tag of the source matches."""

    code = "no_tag_matches"
    default_hint = "entrepot tag list shows the tags there are."
