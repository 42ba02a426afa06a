# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a description."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest


class DescriptionInvalid(InvalidRequest):
    """The description is not valid."""

    code = "description_invalid"


class DescriptionChanged(Conflict):
    """Somebody has changed the description meanwhile."""

    code = "description_changed"
    default_hint = "Look at it anew, and send the revision that it has now."
