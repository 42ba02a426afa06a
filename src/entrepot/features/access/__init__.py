# SPDX-License-Identifier: Apache-2.0
"""What each principal may do: grants of a role on a path pattern, evaluated at every request.

Grants are given and taken in `grants`, roles are in `roles`, groups in `groups`. See docs/how-to/access.md.
"""

from entrepot.features.access.evaluate import Rights
from entrepot.features.access.explain import Objection
from entrepot.features.access.explain import Question
from entrepot.features.access.match import Pattern
from entrepot.features.access.match import is_within
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.match import parse_tag_pattern
from entrepot.features.access.models import ANONYMOUS
from entrepot.features.access.models import EVERYONE
from entrepot.features.access.models import Standings
from entrepot.features.access.present import present_rights
from entrepot.features.access.service import NOW
from entrepot.features.access.service import GrantAuthorizer
from entrepot.features.access.store import held_roles

__all__ = [
    "ANONYMOUS",
    "EVERYONE",
    "NOW",
    "GrantAuthorizer",
    "Objection",
    "Pattern",
    "Question",
    "Rights",
    "Standings",
    "held_roles",
    "is_within",
    "parse_pattern",
    "parse_tag_pattern",
    "present_rights",
]
