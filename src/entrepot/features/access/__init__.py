# SPDX-License-Identifier: Apache-2.0
"""What each principal may do: grants of a role on a path pattern, evaluated at every request.

Grants are given and taken in `grants`. See docs/how-to/access.md.
"""

from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import ROLE_ACTIONS
from entrepot.features.access.models import Role
from entrepot.features.access.models import Standings
from entrepot.features.access.service import GrantAuthorizer

__all__ = ["ROLE_ACTIONS", "GrantAuthorizer", "Role", "Standings", "parse_pattern"]
