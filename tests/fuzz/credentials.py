# SPDX-License-Identifier: Apache-2.0
"""Targets: where secrets are good from, by which other names robots log in, and hashes that somebody else made."""

from contextlib import suppress
from datetime import datetime

import typer
from hypothesis import strategies as st

from entrepot.features.guardrails.models import parse_guardrail_name
from entrepot.features.guardrails.models import require_somebody
from entrepot.features.tokens.addresses import parse_allowed
from entrepot.features.tokens.addresses import stored_allowed
from entrepot.features.tokens.aliases import parse_alias
from entrepot.features.tokens.given import parse_secret_hash
from entrepot.features.tokens.given import stored_harbor_hash
from entrepot.infra.remote.moments import parse_since
from entrepot.kernel.clock import Milliseconds
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

NOW = Milliseconds(1_800_000_000_000)
NETWORKS = near("10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::ffff:192.0.2.0/120", "fe80::1%eth0")
HASH = f"sha256:01JD2F7ZK3Q8V5T6X9Y0B1C2D4:{'0a' * 32}"
HARBOR = f"harbor:{'a' * 32}:{'0b' * 16}"


def _allowed(texts: list[str]) -> None:
    allowed = parse_allowed(texts)
    assert stored_allowed(str(allowed)) == allowed
    for network in allowed.networks:
        assert allowed.allow(str(network.network_address))


def _stored(text: str) -> None:
    allowed = stored_allowed(text)
    assert stored_allowed(str(allowed)) == allowed


def _alias(text: str) -> None:
    assert parse_alias(text) == text
    assert ":" not in text


def _hash(text: str) -> None:
    assert len(parse_secret_hash(text).sha256) == 32


def _harbor(text: str) -> None:
    found = stored_harbor_hash(text)
    assert found is None or stored_harbor_hash(str(found)) == found


def _since(text: str) -> None:
    with suppress(typer.BadParameter):
        assert datetime.fromisoformat(parse_since(text, NOW)).tzinfo is not None


TARGETS: tuple[Target, ...] = (
    target("allowed addresses", parse_allowed, st.lists(NETWORKS, max_size=40), _allowed),
    target("stored addresses", stored_allowed, near("10.0.0.0/8 2001:db8::/32", "192.0.2.1"), _stored),
    target("alias", parse_alias, near("robot$team+ci", "robot$ci", "ci", "$oauthtoken"), _alias),
    target("secret hash", parse_secret_hash, near(HASH), _hash),
    target("hash of Harbor", stored_harbor_hash, near(HARBOR), _harbor),
    target("guardrail name", parse_guardrail_name, near("only-ci", "a"), parse_guardrail_name),
    target("somebody", require_somebody, near("user:alice", "robot:team.ci", "workload:a/b"), require_somebody),
    target(
        "since", parse_since, near("30d", "12h", "999999w", "2026-01-31T12:00:00Z", "0001-01-01T00:00+09:00"), _since
    ),
)
