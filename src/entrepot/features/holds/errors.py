# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a hold."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class HoldInvalid(InvalidRequest):
    """The hold is not valid."""

    code = "hold_invalid"


class HoldUnknown(NotFound):
    """There is no such hold in this repository."""

    code = "hold_unknown"
    default_hint = "entrepot hold list shows those that there are."


class HoldEnded(Conflict):
    """The hold has ended already."""

    code = "hold_ended"
    default_hint = "Place another one, if the artifact is still there."


class TooManyHolds(Conflict):
    """There are as many holds in this repository as there can be."""

    code = "too_many_holds"
    default_hint = "Release some, or hold the whole repository."
