# SPDX-License-Identifier: Apache-2.0
"""Who has an account: local users and their passwords, and the administrator that a first start creates.

Whether a user may do something is decided by `access`. See docs/how-to/identity.md.
"""

from entrepot.features.identity.bootstrap import bootstrap
from entrepot.features.identity.models import FirstAdministrator
from entrepot.features.identity.models import Standing
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.features.identity.service import Accounts

__all__ = ["Accounts", "FirstAdministrator", "PasswordChecks", "Standing", "bootstrap"]
