# SPDX-License-Identifier: Apache-2.0
"""Who has an account: users and their passwords, and the administrator that a first start creates.

Whether a user may do something is decided by `access`; users are administered through `users`.
See docs/how-to/identity.md.
"""

from entrepot.features.identity.administration import Users
from entrepot.features.identity.administration import require_another_administrator
from entrepot.features.identity.bootstrap import bootstrap
from entrepot.features.identity.errors import UserUnknown
from entrepot.features.identity.errors import WrongPassword
from entrepot.features.identity.models import FirstAdministrator
from entrepot.features.identity.models import Standing
from entrepot.features.identity.models import User
from entrepot.features.identity.password_files import write_secret
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.features.identity.service import Accounts
from entrepot.features.identity.store import find_user
from entrepot.features.identity.store import lock_user
from entrepot.features.identity.store import set_second_factor_at
from entrepot.features.identity.throttle import LoginThrottle

__all__ = [
    "Accounts",
    "FirstAdministrator",
    "LoginThrottle",
    "PasswordChecks",
    "Standing",
    "User",
    "UserUnknown",
    "Users",
    "WrongPassword",
    "bootstrap",
    "find_user",
    "lock_user",
    "require_another_administrator",
    "set_second_factor_at",
    "write_secret",
]
