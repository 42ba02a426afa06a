# SPDX-License-Identifier: Apache-2.0
"""Who may use what is about themselves: people, by a login that narrows nothing."""

from entrepot.features.notifications.errors import OnlyPeople
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated


def require_person(principal: Principal) -> str:
    """Return who it is, such as `user:alice`. Raises `Unauthenticated`, `OnlyPeople` and `InsufficientScope`."""
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated
    if principal.kind is not PrincipalKind.USER:
        raise OnlyPeople(f"{principal.name} is no user")
    if principal.scopes is not None:
        raise InsufficientScope
    return principal.identity
