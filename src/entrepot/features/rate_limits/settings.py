# SPDX-License-Identifier: Apache-2.0
"""The `rate_limits` section of the configuration."""

from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import IPvAnyNetwork
from pydantic import SecretStr
from pydantic import field_validator

from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.request_limits import RequestClass

REDIS_SCHEMES = ("redis://", "rediss://", "unix://")

_KINDS = (PrincipalKind.USER, PrincipalKind.ROBOT, PrincipalKind.WORKLOAD)


def _rate(default: float, whose: str) -> Any:
    return Field(
        default,
        ge=0,
        le=100_000,
        allow_inf_nan=False,
        description=f"Requests a second that {whose} may go on with, once its burst is used up; 0: no limit.",
    )


def _burst(default: int, whose: str) -> Any:
    return Field(default, ge=1, le=10_000_000, description=f"Requests that {whose} may send at once.")


class LoginLimits(BaseModel):
    """Passwords and second factors that have to be checked; a password that was right of late need not be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address_per_second: float = _rate(10, "an address")
    address_burst: int = _burst(300, "an address")


class ClassLimits(LoginLimits):
    """Limits of one class of requests."""

    identity_per_second: float = _rate(1_000, "an identity")
    identity_burst: int = _burst(50_000, "an identity")


class TokenLimits(ClassLimits):
    """Fetching tokens (`/auth/token`)."""

    identity_per_second: float = _rate(200, "an identity")
    identity_burst: int = _burst(10_000, "an identity")
    address_per_second: float = _rate(200, "an address")
    address_burst: int = _burst(10_000, "an address")


class ReadLimits(ClassLimits):
    """GET and HEAD on `/v2` and `/api`."""

    identity_per_second: float = _rate(1_000, "an identity")
    identity_burst: int = _burst(50_000, "an identity")
    address_per_second: float = _rate(1_000, "an address")
    address_burst: int = _burst(50_000, "an address")


class WriteLimits(ClassLimits):
    """Every other method on `/v2` and `/api`."""

    identity_per_second: float = _rate(500, "an identity")
    identity_burst: int = _burst(25_000, "an identity")
    address_per_second: float = _rate(100, "an address")
    address_burst: int = _burst(5_000, "an address")


class ReferrersLimits(ClassLimits):
    """Asking what refers to an artifact (`/v2/…/referrers/…`)."""

    identity_per_second: float = _rate(200, "an identity")
    identity_burst: int = _burst(10_000, "an identity")
    address_per_second: float = _rate(200, "an address")
    address_burst: int = _burst(10_000, "an address")


class RateLimitSettings(BaseModel):
    """How often one identity, or one address, may ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="Whether requests are counted at all.")
    exempt_networks: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Networks whose requests are not counted, whoever sends them."
    )
    exempt_principals: frozenset[str] = Field(
        frozenset(),
        description="Identities whose requests are not counted once they have proved who they are, "
        "such as `robot:team.ci` or `user:alice`.",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis or Valkey in which all servers count together, as `rediss://user:password@host:6379/0`; "
        "default: each server process admits its part of every limit.",
    )
    login: LoginLimits = LoginLimits()
    token: TokenLimits = TokenLimits()
    read: ReadLimits = ReadLimits()
    write: WriteLimits = WriteLimits()
    referrers: ReferrersLimits = ReferrersLimits()

    def of(self, asked: RequestClass) -> LoginLimits:
        """Return the limits of a class of requests."""
        by_class: dict[RequestClass, LoginLimits] = {
            RequestClass.LOGIN: self.login,
            RequestClass.TOKEN: self.token,
            RequestClass.READ: self.read,
            RequestClass.WRITE: self.write,
            RequestClass.REFERRERS: self.referrers,
        }
        return by_class[asked]

    @field_validator("redis_url")
    @classmethod
    def _is_known(cls, url: SecretStr) -> SecretStr:
        if url and not url.get_secret_value().startswith(REDIS_SCHEMES):
            raise ValueError("must begin with redis://, rediss:// or unix://, or be empty for none")
        return url

    @field_validator("exempt_principals")
    @classmethod
    def _are_principals(cls, principals: frozenset[str]) -> frozenset[str]:
        for each in principals:
            kind, _, name = each.partition(":")
            if kind not in _KINDS or not name:
                raise ValueError(f"{each[:80]!r} is no identity: write user:NAME or robot:NAME")
        return principals
