# SPDX-License-Identifier: Apache-2.0
"""Who did what, where and when, in a record that cannot be changed without being found out.

Records are chained by their hashes, month by month, and the chain is signed every
minute. What says who somebody is stands beside the chain and can be erased. See
docs/how-to/audit.md.
"""

from entrepot.features.audit.anchors import anchors_at
from entrepot.features.audit.anchors import anchors_in
from entrepot.features.audit.checkpoints import Checkpoints
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.errors import NotReadable
from entrepot.features.audit.models import TYPES
from entrepot.features.audit.models import Pulls
from entrepot.features.audit.refusals import Refusals
from entrepot.features.audit.service import AuditLog
from entrepot.features.audit.settings import AuditSettings
from entrepot.features.audit.store.checkpoints import AUDIT_KEYS
from entrepot.features.audit.store.figures import AuditFigures
from entrepot.features.audit.store.figures import audit_figures
from entrepot.features.audit.verify import Report
from entrepot.features.audit.verify import verify_chain

__all__ = [
    "AUDIT_KEYS",
    "TYPES",
    "AuditFigures",
    "AuditLog",
    "AuditSettings",
    "Checkpoints",
    "Destinations",
    "NotReadable",
    "Pulls",
    "Refusals",
    "Report",
    "anchors_at",
    "anchors_in",
    "audit_figures",
    "verify_chain",
]
