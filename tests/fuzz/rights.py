# SPDX-License-Identifier: Apache-2.0
"""Targets: what rights are made of: patterns of tags, principals, groups, roles, and until when."""

import re
from contextlib import suppress
from datetime import datetime

import typer

from entrepot.features.access.match import parse_tag_pattern
from entrepot.features.access.match import tags_include
from entrepot.features.access.models import parse_principal
from entrepot.features.approvals.deciding import parse_target
from entrepot.features.groups.models import parse_group_name
from entrepot.features.groups.models import parse_member
from entrepot.features.immutability.store import decode as decode_tag_rules
from entrepot.features.immutability.store import encode as encode_tag_rules
from entrepot.features.naming.store import decode as decode_name_rules
from entrepot.features.naming.store import encode as encode_name_rules
from entrepot.features.roles.models import parse_custom_name
from entrepot.features.roles.models import parse_role_name
from entrepot.features.templates.models import parse_template_name
from entrepot.infra.remote.moments import parse_until
from entrepot.kernel.clock import Milliseconds
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

NOW = Milliseconds(1_800_000_000_000)
TAG_RULES = '[{"repositories":"team/**","tags":"v*","effect":"immutable","until":1800000000000,"is_binding":true}]'
NAME_RULES = '[{"repositories":"team/**","names":["team/app-*"],"tags":["v*"],"artifact_types":["image"]}]'


def _tag_pattern(text: str) -> None:
    pattern = parse_tag_pattern(text)
    for tag in (text.replace("*", ""), text.replace("*", "a-b"), "a" * 128, "v1" * 60):
        if re.fullmatch(r"\w[\w.-]{0,127}", tag, re.ASCII):
            assert pattern.fullmatch(tag) or tag not in (text.replace("*", ""), text.replace("*", "a-b"))
    assert tags_include(text, text)


def _principal(text: str) -> None:
    principal = parse_principal(text)
    assert parse_principal(principal.identity) == principal


def _member(text: str) -> None:
    member = parse_member(text)
    assert parse_member(str(member)) == member
    assert str(member).isascii()


def _name(text: str) -> None:
    assert parse_group_name(text) == text
    assert re.fullmatch(r"[a-z0-9._-]+", text)


def _approved(text: str) -> None:
    assert parse_target(text) == text
    assert "\n" not in text


def _until(text: str) -> None:
    with suppress(typer.BadParameter):
        assert datetime.fromisoformat(parse_until(text, NOW)).tzinfo is not None


def _tag_rules(text: str) -> None:
    with suppress(ValueError):
        rules = decode_tag_rules(text)
        assert decode_tag_rules(encode_tag_rules(rules)) == rules


def _name_rules(text: str) -> None:
    with suppress(ValueError):
        rules = decode_name_rules(text)
        assert decode_name_rules(encode_name_rules(rules)) == rules


TARGETS: tuple[Target, ...] = (
    target("tag pattern", parse_tag_pattern, near("v*", "dev-*", "latest", "*a*b*c*", "1.*.0"), _tag_pattern),
    target("principal", parse_principal, near("user:alice", "robot:team.ci", "anonymous", "bob"), _principal),
    target("member", parse_member, near("user:alice", "group:developers", "workload:a/b:c", "bob"), _member),
    target("group name", parse_group_name, near("developers", "a.b_c-d"), _name),
    target("role name", parse_role_name, near("read", "deployer", "a-b"), parse_role_name),
    target("custom role name", parse_custom_name, near("deployer", "admin"), parse_custom_name),
    target("target of an approval", parse_target, near("team", "user:bob in group:ops", "a" * 1_000), _approved),
    target("template name", parse_template_name, near("teams", "a-1"), parse_template_name),
    target("rules about tags", decode_tag_rules, near(TAG_RULES), _tag_rules),
    target("rules about names", decode_name_rules, near(NAME_RULES), _name_rules),
    target(
        "until", parse_until, near("30d", "12h", "999999w", "2027-01-31T12:00:00Z", "0001-01-01T00:00+09:00"), _until
    ),
)
