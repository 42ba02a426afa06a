# SPDX-License-Identifier: Apache-2.0
"""Links by which people make their own account: sent by administrators, good once, and for a while.

What an account is, and what a password must be, is in `identity`. See docs/how-to/invitations.md.
"""

from entrepot.features.invitations.leaving import offer_nothing_in
from entrepot.features.invitations.service import Invitations

__all__ = ["Invitations", "offer_nothing_in"]
