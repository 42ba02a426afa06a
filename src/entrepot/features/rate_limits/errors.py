# SPDX-License-Identifier: Apache-2.0
"""How counting together cannot begin."""

from entrepot.kernel.errors import AppError


class RedisNotInstalled(AppError):
    """rate_limits.redis_url is set, and the library that speaks to Redis is not installed."""

    code = "redis_not_installed"
    default_hint = "Install it beside Entrepot: pip install redis"
