# SPDX-License-Identifier: Apache-2.0
"""What every route of the management API takes is declared, and the declaration is true of ten sorts of people."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute

from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.infra.http.permission import permissions_of
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio

IMAGE = an_image_manifest()
REPOSITORY = "/repositories/team/app/-"
ARTIFACT = f"{REPOSITORY}/artifacts/{IMAGE.digest}"
ULID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
WHERE = "action=pull&repository=team/app"
GRANT = {"principal": "bob", "path_pattern": "team/**", "role": "view"}
MODE = {"mode": "no-delete", "reason": "a test"}
TEMPLATE = {"purpose": "repository", "pattern": "team/**"}
GUARDRAIL = {"kind": "no-public", "path_pattern": "closed/**"}
TAG_RULES = {"rules": [{"repositories": "team/**", "tags": "v9*", "effect": "immutable"}]}
OVERRIDE = {"reason": "a test", "expires_at": rfc3339(after(system_clock(), HOUR_MS))}
QUOTA = {"limits": {"bytes": 1}}
OF_ACCOUNTS = {"user": "/quotas/users/somebody", "robot": "/quotas/robots/ci"}
QUOTAS = {"default": "/quotas/default", "project": "/projects/team/quota", **OF_ACCOUNTS}
NAMING = {"rules": [{"repositories": "team/**", "tags": ["*"]}]}

ELIGIBILITY = {"principal": "bob", "path_pattern": "team/**", "role": "admin"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A request to a route, for something that is there."""

    method: str
    target: str
    body: object = None

    async def sent(self, client: Client) -> Answer:
        """Send it."""
        if self.body is None:
            return await client.send(self.method, f"/api/v1{self.target}")
        return await client.send_json(self.method, f"/api/v1{self.target}", self.body)


SAMPLES = {
    "list_repositories": Sample("GET", "/repositories"),
    "show_repository": Sample("GET", f"{REPOSITORY}/about"),
    "list_tags": Sample("GET", f"{REPOSITORY}/tags"),
    "show_tag": Sample("GET", f"{REPOSITORY}/tags/v1"),
    "list_artifacts": Sample("GET", f"{REPOSITORY}/artifacts"),
    "show_artifact": Sample("GET", ARTIFACT),
    "list_referrers": Sample("GET", f"{ARTIFACT}/referrers"),
    "read_manifest": Sample("GET", f"{ARTIFACT}/manifest"),
    "read_config": Sample("GET", f"{ARTIFACT}/config"),
    "list_bin": Sample("GET", f"{REPOSITORY}/bin"),
    "delete_tag": Sample("DELETE", f"{REPOSITORY}/tags/v1"),
    "delete_artifact": Sample("DELETE", ARTIFACT),
    "restore_artifact": Sample("POST", f"{ARTIFACT}:restore"),
    "preview_deletion": Sample("POST", f"{ARTIFACT}:preview"),
    "free_artifact": Sample("POST", f"{ARTIFACT}:free-now"),
    "show_history": Sample("GET", f"{REPOSITORY}/tags/v1/history"),
    "restore_tag": Sample("POST", f"{REPOSITORY}/tags/v1:restore", {"digest": IMAGE.digest}),
    "create_token": Sample("POST", "/tokens", {"name": "one"}),
    "list_tokens": Sample("GET", "/tokens?user=bob"),
    "change_token": Sample("PATCH", "/tokens/one?user=bob", {"allowed_addresses": []}),
    "revoke_token": Sample("DELETE", "/tokens/one?user=bob"),
    "list_jobs": Sample("GET", "/jobs"),
    "list_schedules": Sample("GET", "/jobs/schedules"),
    "show_job": Sample("GET", f"/jobs/{ULID}"),
    "cancel_job": Sample("POST", f"/jobs/{ULID}:cancel"),
    "retry_job": Sample("POST", f"/jobs/{ULID}:retry"),
    "show_dashboard": Sample("GET", "/dashboard"),
    "stream_events": Sample("GET", "/events"),
    "list_providers": Sample("GET", "/sessions/providers"),
    "log_in": Sample("POST", "/sessions", {"name": "bob", "password": "wrong"}),
    "list_sessions": Sample("GET", "/sessions?user=bob"),
    "log_out_everywhere": Sample("DELETE", "/sessions?user=bob"),
    "end_session": Sample("DELETE", f"/sessions/{ULID}"),
    "show_session": Sample("GET", "/session"),
    "log_out": Sample("DELETE", "/session"),
    "give_second_factor": Sample("POST", "/session/second-factor", {"method": "totp", "code": "123456"}),
    "challenge_second_factor": Sample("POST", "/session/second-factor/challenge"),
    "reauthenticate": Sample("POST", "/session/reauthentication", {"password": "wrong"}),
    "show_me": Sample("GET", "/users/me"),
    "change_my_password": Sample("POST", "/users/me/password", {"current": "wrong", "new": "a new one of twelve"}),
    "list_users": Sample("GET", "/users"),
    "create_user": Sample("POST", "/users", {"name": "carol"}),
    "show_user": Sample("GET", "/users/bob"),
    "change_user": Sample("PATCH", "/users/bob", {"disabled": True}),
    "delete_user": Sample("DELETE", "/users/bob"),
    "reset_password": Sample("POST", "/users/bob/password", {}),
    "list_second_factors": Sample("GET", "/users/me/second-factors"),
    "begin_totp": Sample("POST", "/users/me/second-factors/totp", {}),
    "confirm_totp": Sample("POST", "/users/me/second-factors/totp:confirm", {"id": ULID, "code": "123456"}),
    "begin_webauthn": Sample("POST", "/users/me/second-factors/webauthn"),
    "confirm_webauthn": Sample(
        "POST", "/users/me/second-factors/webauthn:confirm", {"id": ULID, "name": "key", "attestation": "{}"}
    ),
    "renew_recovery_codes": Sample("POST", "/users/me/second-factors/recovery-codes"),
    "remove_second_factor": Sample("DELETE", f"/users/me/second-factors/{ULID}"),
    "rename_user": Sample("POST", "/users/bob:rename", {"name": "robert"}),
    "merge_user": Sample("POST", "/users/bob:merge", {"into": "carol", "dry_run": True}),
    "send_invitation": Sample("POST", "/invitations", {"label": "ada@example.com"}),
    "list_invitations": Sample("GET", "/invitations"),
    "revoke_invitation": Sample("DELETE", f"/invitations/{ULID}"),
    "look_at_invitation": Sample("POST", "/invitations:look", {"secret": "x"}),
    "accept_invitation": Sample("POST", "/invitations:accept", {"secret": "x", "password": "y"}),
    "reset_second_factors": Sample("DELETE", "/users/bob/second-factors"),
    "explain": Sample("GET", f"/access?{WHERE}"),
    "who": Sample("GET", f"/access/who?{WHERE}"),
    "list_projects": Sample("GET", "/projects"),
    "create_project": Sample("POST", "/projects", {"name": "team"}),
    "show_project": Sample("GET", "/projects/team"),
    "change_project": Sample("PATCH", "/projects/team", {"visibility": "private"}),
    "delete_project": Sample("DELETE", "/projects/team"),
    "list_roles": Sample("GET", "/roles"),
    "create_role": Sample("POST", "/roles", {"name": "puller", "actions": ["pull"]}),
    "show_role": Sample("GET", "/roles/read"),
    "change_role": Sample("PUT", "/roles/keeper", {"actions": ["pull"]}),
    "delete_role": Sample("DELETE", "/roles/keeper"),
    "list_grants": Sample("GET", "/grants?within=team"),
    "give_grant": Sample("POST", "/grants", GRANT),
    "take_grant": Sample("DELETE", "/grants?principal=bob&path_pattern=team/**&role=view"),
    "list_members": Sample("GET", "/projects/team/members"),
    "put_member": Sample("PUT", "/projects/team/members/bob", {"role": "view"}),
    "remove_member": Sample("DELETE", "/projects/team/members/bob"),
    "create_robot": Sample("POST", "/robots", {"name": "ci", "project": "team", "role": "read"}),
    "list_robots": Sample("GET", "/robots?project=team"),
    "show_robot": Sample("GET", "/robots/team.bot"),
    "change_robot": Sample("PATCH", "/robots/team.bot", {"allowed_addresses": ["192.0.2.0/24"]}),
    "list_robot_secrets": Sample("GET", "/robots/team.bot/secrets"),
    "add_robot_secret": Sample("POST", "/robots/team.bot/secrets", {}),
    "revoke_robot_secret": Sample("DELETE", f"/robots/team.bot/secrets/{ULID}"),
    "delete_robot": Sample("DELETE", "/robots/team.bot"),
    "rotate_robot": Sample("POST", "/robots/team.bot:rotate", {}),
    "disable_robot": Sample("POST", "/robots/team.bot:disable"),
    "enable_robot": Sample("POST", "/robots/team.bot:enable"),
    "list_groups": Sample("GET", "/groups"),
    "create_group": Sample("POST", "/groups", {"name": "devs"}),
    "show_group": Sample("GET", "/groups/crowd"),
    "change_group": Sample("PATCH", "/groups/crowd", {"description": "many"}),
    "delete_group": Sample("DELETE", "/groups/crowd"),
    "list_group_members": Sample("GET", "/groups/crowd/members"),
    "put_group_member": Sample("PUT", "/groups/crowd/members/bob"),
    "remove_group_member": Sample("DELETE", "/groups/crowd/members/bob"),
    "search": Sample("GET", "/search?q=app"),
    "show_usage": Sample("GET", "/usage?repository=team/app"),
    "show_traffic": Sample("GET", "/usage/traffic?repository=team/app"),
    "show_storage": Sample("GET", "/usage/storage?project=team"),
    "show_audit": Sample("GET", "/audit"),
    "list_audit_types": Sample("GET", "/audit/types"),
    "list_audit_records": Sample("GET", "/audit/records?project=team"),
    "export_audit_records": Sample("GET", "/audit/records:export?project=team"),
    "list_audit_checkpoints": Sample("GET", "/audit/checkpoints"),
    "list_audit_timestamps": Sample("GET", "/audit/timestamps"),
    "list_witnessed": Sample("GET", "/audit/witnessed?origin=robot:_.witness"),
    "witness": Sample("POST", "/audit/witnessed", {"checkpoints": ["none"]}),
    "list_audit_holds": Sample("GET", "/audit/holds"),
    "place_audit_hold": Sample("POST", "/audit/holds", {"reason": "a test", "begins_at": "2026-01-01T00:00:00Z"}),
    "release_audit_hold": Sample("POST", f"/audit/holds/{ULID}:release"),
    "erase_from_audit": Sample("POST", "/audit/erasures", {"subject": "user:nobody", "reason": "a test"}),
    "list_audit_filters": Sample("GET", "/audit/filters"),
    "save_audit_filter": Sample("PUT", "/audit/filters/mine", {"filter": {"type": "grant"}}),
    "delete_audit_filter": Sample("DELETE", "/audit/filters/mine"),
    "show_mode": Sample("GET", "/modes"),
    "set_mode": Sample("PUT", "/modes", MODE),
    "show_project_mode": Sample("GET", "/projects/team/mode"),
    "set_project_mode": Sample("PUT", "/projects/team/mode", MODE),
    "show_system": Sample("GET", "/system"),
    "list_nodes": Sample("GET", "/system/nodes"),
    "list_keys": Sample("GET", "/system/keys"),
    "rotate_key": Sample("POST", "/system/keys:rotate"),
    "list_backups": Sample("GET", "/backups"),
    "create_backup": Sample("POST", "/backups", {}),
    "show_backup_plan": Sample("GET", "/backups:plan"),
    "show_backup": Sample("GET", "/backups/nightly"),
    "remove_backup": Sample("DELETE", "/backups/nightly"),
    "show_garbage": Sample("GET", "/garbage"),
    "pause_garbage": Sample("POST", "/garbage:pause"),
    "resume_garbage": Sample("POST", "/garbage:resume"),
    "list_garbage_runs": Sample("GET", "/garbage/runs"),
    "start_garbage_run": Sample("POST", "/garbage/runs", {}),
    "show_garbage_run": Sample("GET", f"/garbage/runs/{ULID}"),
    "list_project_storage": Sample("GET", "/garbage/storage"),
    "list_guardrails": Sample("GET", "/guardrails"),
    "create_guardrail": Sample("POST", "/guardrails", {"name": "one", "mode": "enforce", **GUARDRAIL}),
    "preview_guardrail": Sample("POST", "/guardrails:preview", GUARDRAIL),
    "show_guardrail": Sample("GET", "/guardrails/closed"),
    "change_guardrail": Sample("PATCH", "/guardrails/closed", {"mode": "simulate"}),
    "delete_guardrail": Sample("DELETE", "/guardrails/closed"),
    "list_violations": Sample("GET", "/guardrails/closed/violations"),
    "list_simulated": Sample("GET", "/guardrails/closed/simulated"),
    "list_exceptions": Sample("GET", "/guardrails/closed/exceptions"),
    "give_exception": Sample(
        "POST", "/guardrails/closed/exceptions", {"reason": "a test", "expires_at": "2026-01-31T12:00:00Z"}
    ),
    "take_exception": Sample("DELETE", f"/guardrails/closed/exceptions/{ULID}"),
    "list_templates": Sample("GET", "/templates"),
    "match_templates": Sample("GET", "/templates:match?name=team/app"),
    "show_template": Sample("GET", "/templates/apps"),
    "set_template": Sample("PUT", "/templates/apps", TEMPLATE),
    "delete_template": Sample("DELETE", "/templates/apps"),
    "list_project_templates": Sample("GET", "/projects/team/templates"),
    "match_project_templates": Sample("GET", "/projects/team/templates:match?name=team/app"),
    "show_project_template": Sample("GET", "/projects/team/templates/apps"),
    "set_project_template": Sample("PUT", "/projects/team/templates/apps", TEMPLATE),
    "delete_project_template": Sample("DELETE", "/projects/team/templates/apps"),
    "list_project_guardrails": Sample("GET", "/projects/team/guardrails"),
    "show_immutability": Sample("GET", "/immutability"),
    "set_immutability": Sample("PUT", "/immutability", TAG_RULES),
    "preview_immutability": Sample("GET", "/immutability:preview?repositories=team/**"),
    "show_project_immutability": Sample("GET", "/projects/team/immutability"),
    "set_project_immutability": Sample("PUT", "/projects/team/immutability", TAG_RULES),
    "preview_project_immutability": Sample("GET", "/projects/team/immutability:preview?repositories=team/**"),
    "explain_immutability": Sample("GET", f"{REPOSITORY}/tags/v1/immutability"),
    "give_immutability_override": Sample("PUT", f"{REPOSITORY}/tags/v1/immutability/override", OVERRIDE),
    "take_immutability_override": Sample("DELETE", f"{REPOSITORY}/tags/v1/immutability/override"),
    "show_naming": Sample("GET", "/naming"),
    "set_naming": Sample("PUT", "/naming", NAMING),
    "show_project_naming": Sample("GET", "/projects/team/naming"),
    "set_project_naming": Sample("PUT", "/projects/team/naming", NAMING),
    "list_quotas": Sample("GET", "/quotas"),
    **{f"show_{of}_quota": Sample("GET", path) for of, path in QUOTAS.items()},
    **{f"set_{of}_quota": Sample("PUT", path, QUOTA) for of, path in QUOTAS.items()},
    **{f"remove_{of}_quota": Sample("DELETE", path) for of, path in QUOTAS.items()},
    "show_quota_check": Sample("GET", "/quotas/check"),
    "check_quotas": Sample("POST", "/quotas/check"),
    "show_glass": Sample("GET", "/break-glass"),
    "list_openings": Sample("GET", "/break-glass/openings"),
    "break_glass": Sample("POST", "/break-glass/openings", {"eligibility": ULID, "reason": "something happened"}),
    "show_opening": Sample("GET", f"/break-glass/openings/{ULID}"),
    "end_opening": Sample("POST", f"/break-glass/openings/{ULID}:end"),
    "acknowledge_opening": Sample("POST", f"/break-glass/openings/{ULID}:acknowledge", {"comment": "a test"}),
    "list_eligibilities": Sample("GET", "/break-glass/eligibilities"),
    "give_eligibility": Sample("POST", "/break-glass/eligibilities", ELIGIBILITY),
    "take_eligibility": Sample("DELETE", f"/break-glass/eligibilities/{ULID}"),
    "list_approvals": Sample("GET", "/approvals?list=all"),
    "request_approval": Sample("POST", "/approvals", {"act": "project.delete", "target": "team", "reason": "a test"}),
    "list_approval_rules": Sample("GET", "/approvals/rules"),
    "set_approval_rules": Sample("PUT", "/approvals/rules", {"acts": []}),
    "show_approval": Sample("GET", f"/approvals/{ULID}"),
    "approve": Sample("POST", f"/approvals/{ULID}:approve", {}),
    "reject": Sample("POST", f"/approvals/{ULID}:reject", {}),
    "withdraw_approval": Sample("POST", f"/approvals/{ULID}:withdraw", {}),
    "show_guide": Sample("GET", "/guide"),
}

PEOPLE = {
    "nobody": [],
    "stranger": [],
    "viewer": [("team/**", "view")],
    "reader": [("team/**", "read")],
    "writer": [("team/**", "write")],
    "maintainer": [("team/**", "maintain")],
    "owner": [("team/**", "admin")],
    "auditor": [("SYSTEM", "auditor")],
    "operator": [("SYSTEM", "operator")],
    "administrator": [("SYSTEM", "administrator")],
}
"""Ten sorts of people, and what each was granted; `nobody` is not logged in."""

READING = [name for name, sample in SAMPLES.items() if sample.method == "GET"]
ENDLESS = {"stream_events"}
PERSONAL = {"own", "anybody"}
"""Where answers depend on what somebody has, and a refusal may have another cause than a right."""


def allowed(who: str, permission: str) -> bool:
    """Tell from the roles alone whether one of `PEOPLE` has a permission in or on the project `team`."""
    kind, _, action = permission.partition(":")
    roles = [role for _, role in PEOPLE[who]]
    if kind == "account":
        return who != "nobody"
    if kind == "system":
        return any(action in SYSTEM_ROLE_ACTIONS.get(role, ()) for role in roles)
    return any(("read" if action == "see" else action) in ROLE_ACTIONS[role] for role in roles)


def routes(application: Application) -> dict[str, Callable[..., Any]]:
    """Return the endpoints of the management API by name."""
    found = {}
    for route in application.instance.api.routes:
        if isinstance(route, APIRoute):
            found[route.endpoint.__name__] = route.endpoint
    return found


async def furnished(application: Application) -> None:
    """Make a private project with an image and a robot, a user with a role in it, a group and a custom role."""
    root = await application.user("root", is_admin=True)
    await application.user("bob", ("team/**", "view"))
    await root.push_image("team/app", IMAGE, "v1")
    for target, body in (
        ("/api/v1/robots", {"name": "bot", "project": "team", "role": "read"}),
        ("/api/v1/groups", {"name": "crowd"}),
        ("/api/v1/roles", {"name": "keeper", "actions": ["pull"]}),
        ("/api/v1/guardrails", {"name": "closed", "mode": "simulate", **GUARDRAIL}),
    ):
        assert (await root.post(target, body)).status == 201
    for target in ("/api/v1/templates/apps", "/api/v1/projects/team/templates/apps"):
        assert (await root.send_json("PUT", target, TEMPLATE)).status == 201


async def become(application: Application, who: str) -> Client:
    """Be one of `PEOPLE`."""
    return application.anonymous() if who == "nobody" else await application.user(who, *PEOPLE[who])


@dataclass(frozen=True, slots=True)
class Crowd:
    """An application and all of `PEOPLE` in it."""

    application: Application
    clients: dict[str, Client]

    async def statuses(self, who: list[str], sample: Sample) -> dict[str, int]:
        """Return what some of them are answered."""
        return {each: (await sample.sent(self.clients[each])).status for each in who}


@pytest.fixture(scope="module")
def shared_application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """One for what changes nothing."""
    with an_application(tmp_path_factory.mktemp("crowd")) as application:
        yield application


@pytest.fixture(scope="module")
async def crowd(shared_application: Application) -> Crowd:
    """All of `PEOPLE` in one application."""
    await furnished(shared_application)
    return Crowd(shared_application, {who: await become(shared_application, who) for who in PEOPLE})


def declared_by(application: Application, name: str) -> list[str]:
    """Return what a route takes."""
    return [each.text for each in permissions_of(routes(application)[name])]


def who_has(application: Application, name: str) -> list[str]:
    """Return those of `PEOPLE` who have a permission that a route takes for what it is asked about."""
    declared = [each for each in declared_by(application, name) if each not in PERSONAL]
    return [who for who in PEOPLE if any(allowed(who, each) for each in declared)]


def test_every_route_is_sampled_and_says_what_it_takes(application: Application) -> None:
    """A new route fails here until it declares its permission and somebody has shown how it is asked for."""
    endpoints = routes(application)

    assert set(endpoints) == set(SAMPLES)
    assert all(permissions_of(endpoint) for endpoint in endpoints.values())


@pytest.mark.parametrize("name", SAMPLES)
async def test_who_lacks_the_permission_is_refused(name: str, crowd: Crowd) -> None:
    """With 401, 403 or 404, whoever it is; nothing has changed after that."""
    declared = declared_by(crowd.application, name)
    lacking = [who for who in PEOPLE if "anybody" not in declared and not any(allowed(who, each) for each in declared)]
    if "own" in declared:
        lacking = ["nobody"]

    statuses = await crowd.statuses(lacking, SAMPLES[name])

    assert {who: status for who, status in statuses.items() if status not in (401, 403, 404)} == {}


@pytest.mark.parametrize("name", [name for name in READING if name not in ENDLESS])
async def test_who_has_the_permission_may_read(name: str, crowd: Crowd) -> None:
    """Each of them."""
    statuses = await crowd.statuses(who_has(crowd.application, name), SAMPLES[name])

    assert {who: status for who, status in statuses.items() if status in (401, 403)} == {}


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in READING])
async def test_who_has_the_permission_may_change(name: str, application: Application) -> None:
    """The first of them: the next would find it made."""
    for who in who_has(application, name)[:1]:
        await furnished(application)
        status = (await SAMPLES[name].sent(await become(application, who))).status
        assert status not in (401, 403), who
