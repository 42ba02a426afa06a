# SPDX-License-Identifier: Apache-2.0
"""Rate limits, as the application lists them."""

from entrepot.features.rate_limits.errors import RedisNotInstalled
from entrepot.features.rate_limits.service import RateLimits
from entrepot.features.rate_limits.service import SharedStore
from entrepot.features.rate_limits.settings import RateLimitSettings
from entrepot.kernel.clock import Clock
from entrepot.kernel.feature import Feature

feature: Feature[object] = Feature(name="rate_limits", needs=("identity",), settings=RateLimitSettings)


def rate_limits(settings: RateLimitSettings, clock: Clock) -> RateLimits:
    """Return what counts the requests of a server process. Raises `RedisNotInstalled`."""
    return RateLimits(settings, clock, _shared(settings))


def _shared(settings: RateLimitSettings) -> SharedStore | None:
    if not (settings.enabled and settings.redis_url):
        return None
    try:
        from entrepot.features.rate_limits.redis_counters import RedisCounters  # noqa: PLC0415 - few have Redis
    except ModuleNotFoundError:
        raise RedisNotInstalled from None
    return RedisCounters(settings.redis_url.get_secret_value())
