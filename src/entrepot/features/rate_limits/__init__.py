# SPDX-License-Identifier: Apache-2.0
"""Rate limits: how often one identity, or one address, may ask. See docs/how-to/rate-limits.md.

Requests are counted by class, in each server process or in a Redis that all of them share.
"""

from entrepot.features.rate_limits.passwords import CountedPasswords
from entrepot.features.rate_limits.service import RateLimits
from entrepot.features.rate_limits.settings import RateLimitSettings

__all__ = ["CountedPasswords", "RateLimitSettings", "RateLimits"]
