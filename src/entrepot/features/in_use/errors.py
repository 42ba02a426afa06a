# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a report of what runs."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class ReportInvalid(InvalidRequest):
    """The report is not valid."""

    code = "in_use_invalid"


class ClusterUnknown(NotFound):
    """No such cluster has reported."""

    code = "in_use_unknown"
    default_hint = "entrepot in-use list shows those that you may see."


class ClusterTaken(Conflict):
    """Somebody else reports for this cluster."""

    code = "in_use_taken"
    default_hint = "Choose another name, or ask an operator of the registry to forget this one."


class TooManyClusters(Conflict):
    """There are as many clusters as there can be."""

    code = "too_many_clusters"
    default_hint = "entrepot in-use forget removes one; those that stop reporting are forgotten after 30 days."
