# SPDX-License-Identifier: Apache-2.0
"""For how long secrets may be good, and when to warn that one expires."""

from entrepot.features.robots.errors import SecretTooLasting
from entrepot.features.robots.models import SecretTerms
from entrepot.features.robots.settings import RobotSettings
from entrepot.features.tokens import Credential
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after


class Lifetimes:
    """What the configuration says about the secrets of robots."""

    def __init__(self, settings: RobotSettings) -> None:
        self._longest_days = settings.longest_days
        self._default_days = min(settings.default_days, settings.longest_days or settings.default_days)
        self.warn_ms = settings.warn_days * DAY_MS

    def end_of(self, terms: SecretTerms, now: Milliseconds) -> Milliseconds | None:
        """Return when a secret expires that is made now, None for never. Raises `SecretTooLasting`."""
        days = None if terms.is_endless else terms.days or self._default_days
        if self._longest_days is not None and (days is None or days > self._longest_days):
            asked = "never expires" if days is None else f"is good for {days} days"
            raise SecretTooLasting(
                f"secrets of robots are good for {self._longest_days} days at most in this registry; "
                f"one that {asked} was asked for",
                hint=f"Ask for {self._longest_days} days or fewer; the setting robots.longest_days says so.",
            )
        return None if days is None else after(now, days * DAY_MS)

    def ends_soon(self, secret: Credential, now: Milliseconds) -> bool:
        """Tell whether a secret that nobody has replaced expires so soon that somebody should do something."""
        if secret.expires_at is None or secret.revoked_at is not None:
            return False
        return now < secret.expires_at <= now + self.warn_ms
