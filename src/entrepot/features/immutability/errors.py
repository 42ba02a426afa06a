# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with rules of immutability, and with an override."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class ImmutabilityInvalid(InvalidRequest):
    """The rule is not valid."""

    code = "immutability_invalid"


class OverrideInvalid(InvalidRequest):
    """The override is not valid."""

    code = "immutability_override_invalid"


class OverrideUnknown(NotFound):
    """The tag has no override."""

    code = "immutability_override_unknown"


class TooManyOverrides(Conflict):
    """There are as many overrides in this repository as there can be."""

    code = "too_many_immutability_overrides"
    default_hint = "Wait for one to end, or take one back; a rule for so many tags is perhaps not meant."
