# SPDX-License-Identifier: Apache-2.0
"""The section `rate_limits` of the configuration."""

import sys

import pytest
from pydantic import SecretStr
from pydantic import ValidationError

from entrepot.features.rate_limits.errors import RedisNotInstalled
from entrepot.features.rate_limits.feature import rate_limits
from entrepot.features.rate_limits.settings import RateLimitSettings
from entrepot.kernel.clock import system_clock
from entrepot.kernel.request_limits import RequestClass

SECRET = "geheim"


def test_every_class_has_limits_that_limit() -> None:
    """Nothing is without a limit by default, and no burst is smaller than a second of its rate."""
    settings = RateLimitSettings()

    for limits in map(settings.of, RequestClass):
        given = limits.model_dump()
        for whose in {name.partition("_")[0] for name in given}:
            assert 0 < given[f"{whose}_per_second"] <= given[f"{whose}_burst"]


def test_a_cluster_behind_one_address_may_pull() -> None:
    """500 nodes fetch an image of 60 layers at the same moment: ping, token, two manifests, config and layers each."""
    settings, nodes = RateLimitSettings(), 500

    assert settings.read.address_burst >= nodes * (1 + 2 + 1 + 60)
    assert settings.token.address_burst >= nodes


@pytest.mark.parametrize("url", ["http://cache.example", "cache.example:6379", "REDIS://"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    """At the start, and not by the first request."""
    with pytest.raises(ValidationError, match="must begin with redis://"):
        RateLimitSettings(redis_url=SecretStr(url))


def test_a_password_in_the_address_is_not_shown() -> None:
    """Wherever settings are printed."""
    assert SECRET not in repr(RateLimitSettings(redis_url=SecretStr(f"redis://:{SECRET}@cache.example")))


@pytest.mark.parametrize("name", ["alice", "user:", "anonymous:anonymous", "internal:scanner", ":alice"])
def test_who_is_exempt_has_a_kind_and_a_name(name: str) -> None:
    """A name alone could be that of a user or a robot; those without a login are exempt by their network only."""
    with pytest.raises(ValidationError, match="is no identity"):
        RateLimitSettings(exempt_principals=frozenset({name}))


@pytest.mark.parametrize(("field", "value"), [("per_second", -1), ("per_second", "nan"), ("burst", 0)])
def test_what_is_no_limit_is_refused(field: str, value: object) -> None:
    """A rate is a number of 0 or more, and a burst lets at least one through."""
    with pytest.raises(ValidationError):
        RateLimitSettings.model_validate({"read": {f"identity_{field}": value}})


def test_without_the_library_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else of Entrepot needs it."""
    monkeypatch.delitem(sys.modules, "entrepot.features.rate_limits.redis_counters", raising=False)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    with pytest.raises(RedisNotInstalled, match="not installed"):
        rate_limits(RateLimitSettings(redis_url=SecretStr("redis://cache.example")), system_clock)


def test_limits_that_are_off_need_no_library_and_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever switches them off is asked for nothing."""
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    limits = rate_limits(RateLimitSettings(enabled=False, redis_url=SecretStr("redis://cache.example")), system_clock)

    assert list(limits.measure()) == []
