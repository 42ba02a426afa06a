# SPDX-License-Identifier: Apache-2.0
"""Who has an account: users and their passwords, and the administrator that a first start creates.

Whether a user may do something is decided by `access`; users are administered through `users`.
See docs/how-to/identity.md.
"""

from entrepot.features.identity.administration import Users
from entrepot.features.identity.administration import create_invited
from entrepot.features.identity.administration import require_another_administrator
from entrepot.features.identity.administration import require_free_name
from entrepot.features.identity.administration import require_never_used
from entrepot.features.identity.administration import told_of
from entrepot.features.identity.bootstrap import bootstrap
from entrepot.features.identity.errors import LastAdministrator
from entrepot.features.identity.errors import UserNameTaken
from entrepot.features.identity.errors import UserUnknown
from entrepot.features.identity.errors import WrongPassword
from entrepot.features.identity.local_passwords import Lack
from entrepot.features.identity.local_passwords import LocalPasswords
from entrepot.features.identity.models import FirstAdministrator
from entrepot.features.identity.models import Standing
from entrepot.features.identity.models import ToldUser
from entrepot.features.identity.models import User
from entrepot.features.identity.models import parse_user_name
from entrepot.features.identity.password_files import write_secret
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.features.identity.readmitting import readmission
from entrepot.features.identity.readmitting import readmit
from entrepot.features.identity.service import Accounts
from entrepot.features.identity.settings import IdentitySettings
from entrepot.features.identity.store import begin_renaming
from entrepot.features.identity.store import find_user
from entrepot.features.identity.store import finish_renaming
from entrepot.features.identity.store import lock_local_administrators
from entrepot.features.identity.store import lock_user
from entrepot.features.identity.store import retire
from entrepot.features.identity.store import set_second_factor_at
from entrepot.features.identity.store import standing_of
from entrepot.features.identity.throttle import LoginThrottle
from entrepot.features.identity.throttle import network_of

__all__ = [
    "Accounts",
    "FirstAdministrator",
    "IdentitySettings",
    "Lack",
    "LastAdministrator",
    "LocalPasswords",
    "LoginThrottle",
    "PasswordChecks",
    "Standing",
    "ToldUser",
    "User",
    "UserNameTaken",
    "UserUnknown",
    "Users",
    "WrongPassword",
    "begin_renaming",
    "bootstrap",
    "create_invited",
    "find_user",
    "finish_renaming",
    "lock_local_administrators",
    "lock_user",
    "network_of",
    "parse_user_name",
    "readmission",
    "readmit",
    "require_another_administrator",
    "require_free_name",
    "require_never_used",
    "retire",
    "set_second_factor_at",
    "standing_of",
    "told_of",
    "write_secret",
]
