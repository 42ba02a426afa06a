# SPDX-License-Identifier: Apache-2.0
"""Giving and taking grants: on any path pattern by administrators, on a project to its members by its own.

What grants allow is decided by `access`. See docs/how-to/grants.md.
"""

from entrepot.features.grants.errors import PrincipalUnknown
from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import GranteeKind
from entrepot.features.grants.models import StoredGrant
from entrepot.features.grants.models import Terms
from entrepot.features.grants.models import parse_grantee
from entrepot.features.grants.service import GrantGuard
from entrepot.features.grants.service import Grants
from entrepot.features.grants.service import last_moment
from entrepot.features.grants.store import end_opening
from entrepot.features.grants.store import give
from entrepot.features.grants.store import of_principal
from entrepot.features.grants.store import remove_of
from entrepot.features.grants.store import remove_within

__all__ = [
    "GrantGuard",
    "Grantee",
    "GranteeKind",
    "Grants",
    "PrincipalUnknown",
    "StoredGrant",
    "Terms",
    "end_opening",
    "give",
    "last_moment",
    "of_principal",
    "parse_grantee",
    "remove_of",
    "remove_within",
]
