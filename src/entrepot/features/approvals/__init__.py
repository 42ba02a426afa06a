# SPDX-License-Identifier: Apache-2.0
"""Approvals: acts that nobody does alone, because an administrator of the registry said that they take two people.

Whoever does such an act asks `registry.four_eyes`, which this answers, in the transaction that does it. See
docs/how-to/approvals.md.
"""

from entrepot.features.approvals.settings import ApprovalSettings
from entrepot.features.approvals.store import count_pending
from entrepot.features.approvals.using import SecondPerson

__all__ = ["ApprovalSettings", "SecondPerson", "count_pending"]
