# SPDX-License-Identifier: Apache-2.0
"""Browsers that are logged in to the console: a cookie that is good on `/api` only, and what keeps it from strangers.

See docs/how-to/sessions.md.
"""

from entrepot.features.sessions.authenticator import SessionAuthenticator
from entrepot.features.sessions.logins import Logins
from entrepot.features.sessions.service import Sessions
from entrepot.features.sessions.settings import SessionSettings

__all__ = ["Logins", "SessionAuthenticator", "SessionSettings", "Sessions"]
