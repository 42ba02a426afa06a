# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a quota."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class QuotaInvalid(InvalidRequest):
    """The quota is not valid."""

    code = "quota_invalid"
    default_hint = "entrepot quota set --help shows what there is to say."


class QuotaUnknown(NotFound):
    """There is no such quota."""

    code = "quota_unknown"
    default_hint = "entrepot quota list shows those that there are."


class QuotaChanged(Conflict):
    """The quota was changed meanwhile."""

    code = "quota_changed"
    default_hint = "Look at it anew, and send the revision that it has now."


class TooManyQuotas(Conflict):
    """There are as many quotas in this registry as there can be."""

    code = "too_many_quotas"
    default_hint = "Projects without a quota of their own have the default one."
