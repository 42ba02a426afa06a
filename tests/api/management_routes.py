# SPDX-License-Identifier: Apache-2.0
"""Every route of the management API, and what it answers an auditor, an operator and somebody without rights."""

from tests.api.notification_routes import of_notifications
from tests.api.routes_asked import Kind
from tests.api.routes_asked import Route
from tests.api.routes_of_promotions import ROUTES_OF_PROMOTIONS
from tests.builders.manifests import an_image_manifest

IMAGE, BINNED = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})
SECRET = "hidden"
"""The name of a project that nobody was granted anything in."""


A = "/api/v1"
R = f"{A}/repositories/{{name}}/-"
APP = f"{A}/repositories/{SECRET}/app/-"
P = f"{A}/projects/{{name}}"
TEAM = f"{A}/projects/{SECRET}"
ME = f"{A}/users/me"
G = f"{A}/guardrails"
ULID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
TEMPLATE = {"purpose": "repository", "pattern": f"{SECRET}/**"}
GUARDRAIL = {"kind": "no-public", "path_pattern": "closed/**"}
EXCEPTION = {"reason": "x", "expires_at": "2026-01-31T12:00:00Z"}
B = f"{A}/break-glass"
ELIGIBILITY = {"principal": "bob", "path_pattern": "**", "role": "admin"}
SAID = {"comment": "x"}
TAG_RULES = {"rules": [{"repositories": f"{SECRET}/**", "tags": "v*", "effect": "immutable"}]}
NAME_RULE = {"repositories": f"{SECRET}/**", "tags": ["v*"]}
NAME_RULES: dict[str, list[object]] = {"rules": []}
LABELS = {"labels": {"stage": "test"}}
NOTE = {"text": "x"}
WORDS = {"summary": "x"}
IMPORT = {"url": "https://registry.example.org", "project": "team", "repositories": ["app"]}
QUOTA = {"limits": {"bytes": 1}}
OVERRIDE = {"reason": "x", "expires_at": "2026-01-31T12:00:00Z"}
AUDIT_HOLD = {"reason": "x", "begins_at": "2026-01-01T00:00:00Z"}

COPY = {"target": f"{SECRET}/copy", "tag": "latest"}
HOLD = {"kind": "user", "reason": "x", "expires_at": "2026-01-31T12:00:00Z"}
USE: dict[str, list[object]] = {"running": []}

RETENTION: dict[str, list[object]] = {"rules": []}
ECR = {"format": "ecr", "document": {"rules": []}}

W = f"{A}/webhooks"
HOOK = {"name": "x", "url": "https://hooks.example.org/"}


def _of_webhooks() -> list[Route]:
    """Return the routes of webhooks, of which there is none: nobody without the right learns that."""
    one, path = f"{W}/{{webhook}}", f"{W}/{ULID}"
    log, there = f"{one}/deliveries", f"{path}/deliveries"
    return [
        Route(Kind.MANAGEMENT, "GET", W, W),
        Route(Kind.MANAGEMENT, "POST", W, W, HOOK),
        Route(Kind.OVERVIEW, "GET", f"{W}/types", f"{W}/types"),
        Route(Kind.MANAGEMENT, "GET", one, path),
        Route(Kind.MANAGEMENT, "PUT", one, path, HOOK),
        Route(Kind.MANAGEMENT, "DELETE", one, path),
        *(Route(Kind.MANAGEMENT, "POST", f"{one}:{deed}", f"{path}:{deed}", {}) for deed in _DEEDS),
        Route(Kind.MANAGEMENT, "DELETE", f"{one}/secrets/{{secret}}", f"{path}/secrets/{ULID}"),
        Route(Kind.MANAGEMENT, "GET", log, there),
        Route(Kind.MANAGEMENT, "POST", f"{log}:redeliver", f"{there}:redeliver", {"since": "2026-01-31T12:00:00Z"}),
        Route(Kind.MANAGEMENT, "GET", f"{log}/{{delivery}}", f"{there}/{ULID}"),
        Route(Kind.MANAGEMENT, "POST", f"{log}/{{delivery}}:redeliver", f"{there}/{ULID}:redeliver"),
    ]


_DEEDS = ("test", "pause", "resume", "rotate")


def _of_retention(read: Kind, absent: Kind, template: str, path: str) -> list[Route]:
    """Return the routes of a policy and its plans, of which there is none."""
    one, plan = f"{template}/plans/{{plan}}", f"{path}/plans/{ULID}"
    return [
        Route(absent, "GET", template, path),
        Route(Kind.MANAGEMENT, "PUT", template, path, RETENTION),
        Route(Kind.MANAGEMENT, "DELETE", template, path),
        Route(read, "GET", f"{template}/plans", f"{path}/plans"),
        Route(Kind.MANAGEMENT, "POST", f"{template}/plans", f"{path}/plans", {}),
        Route(absent, "GET", one, plan),
        Route(absent, "GET", f"{one}/steps", f"{plan}/steps"),
        Route(Kind.MANAGEMENT, "POST", f"{one}:run", f"{plan}:run", {}),
        Route(read, "POST", f"{template}:preview", f"{path}:preview", RETENTION),
    ]


ROUTES = [
    *_of_webhooks(),
    *ROUTES_OF_PROMOTIONS,
    *of_notifications(),
    Route(Kind.OVERVIEW, "GET", f"{A}/repositories", f"{A}/repositories"),
    Route(Kind.CONTENT, "GET", f"{R}/about", f"{APP}/about"),
    Route(Kind.CONTENT, "GET", f"{R}/tags", f"{APP}/tags"),
    Route(Kind.CONTENT, "GET", f"{R}/tags/{{tag}}", f"{APP}/tags/1.0"),
    Route(Kind.MANAGEMENT, "DELETE", f"{R}/tags/{{tag}}", f"{APP}/tags/1.0"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts", f"{APP}/artifacts"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}", f"{APP}/artifacts/{IMAGE.digest}"),
    Route(Kind.MANAGEMENT, "DELETE", f"{R}/artifacts/{{digest}}", f"{APP}/artifacts/{IMAGE.digest}"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/referrers", f"{APP}/artifacts/{IMAGE.digest}/referrers"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/manifest", f"{APP}/artifacts/{IMAGE.digest}/manifest"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/config", f"{APP}/artifacts/{IMAGE.digest}/config"),
    Route(Kind.CONTENT, "GET", f"{R}/bin", f"{APP}/bin"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}:restore", f"{APP}/artifacts/{BINNED.digest}:restore"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}:preview", f"{APP}/artifacts/{IMAGE.digest}:preview"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}:free-now", f"{APP}/artifacts/{IMAGE.digest}:free-now"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/labels", f"{APP}/artifacts/{IMAGE.digest}/labels"),
    Route(
        Kind.MANAGEMENT, "PATCH", f"{R}/artifacts/{{digest}}/labels", f"{APP}/artifacts/{IMAGE.digest}/labels", LABELS
    ),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/notes", f"{APP}/artifacts/{IMAGE.digest}/notes"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}/notes", f"{APP}/artifacts/{IMAGE.digest}/notes", NOTE),
    Route(
        Kind.MANAGEMENT,
        "PUT",
        f"{R}/artifacts/{{digest}}/notes/{{note}}",
        f"{APP}/artifacts/{IMAGE.digest}/notes/{ULID}",
        NOTE,
    ),
    Route(
        Kind.MANAGEMENT,
        "DELETE",
        f"{R}/artifacts/{{digest}}/notes/{{note}}",
        f"{APP}/artifacts/{IMAGE.digest}/notes/{ULID}",
    ),
    Route(Kind.CONTENT, "GET", f"{R}/descriptions", f"{APP}/descriptions"),
    Route(Kind.MANAGEMENT, "PUT", f"{R}/descriptions", f"{APP}/descriptions", WORDS),
    Route(Kind.CONTENT, "GET", f"{P}/descriptions", f"{TEAM}/descriptions"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/descriptions", f"{TEAM}/descriptions", WORDS),
    Route(Kind.CONTENT, "GET", f"{R}/tags/{{tag}}/history", f"{APP}/tags/1.0/history"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/tags/{{tag}}:restore", f"{APP}/tags/1.0:restore", {"digest": BINNED.digest}),
    Route(Kind.CONTENT, "GET", f"{R}/tags/{{tag}}/immutability", f"{APP}/tags/1.0/immutability"),
    Route(
        Kind.MANAGEMENT,
        "PUT",
        f"{R}/tags/{{tag}}/immutability/override",
        f"{APP}/tags/1.0/immutability/override",
        OVERRIDE,
    ),
    Route(
        Kind.MANAGEMENT,
        "DELETE",
        f"{R}/tags/{{tag}}/immutability/override",
        f"{APP}/tags/1.0/immutability/override",
    ),
    Route(Kind.OVERVIEW, "GET", f"{A}/imports", f"{A}/imports"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/imports", f"{A}/imports", IMPORT),
    Route(Kind.OWN, "GET", f"{A}/imports/{{import_id}}", f"{A}/imports/{ULID}"),
    Route(Kind.OWN, "GET", f"{A}/imports/{{import_id}}/repositories", f"{A}/imports/{ULID}/repositories"),
    Route(Kind.OWN, "GET", f"{A}/imports/{{import_id}}/artifacts", f"{A}/imports/{ULID}/artifacts"),
    Route(Kind.OWN, "GET", f"{A}/imports/{{import_id}}/report", f"{A}/imports/{ULID}/report"),
    Route(Kind.OWN, "POST", f"{A}/imports/{{import_id}}:pause", f"{A}/imports/{ULID}:pause"),
    Route(Kind.OWN, "POST", f"{A}/imports/{{import_id}}:cancel", f"{A}/imports/{ULID}:cancel"),
    Route(Kind.OWN, "POST", f"{A}/imports/{{import_id}}:resume", f"{A}/imports/{ULID}:resume", {}),
    Route(Kind.OWN, "POST", f"{A}/imports/{{import_id}}:run", f"{A}/imports/{ULID}:run", {}),
    Route(Kind.OWN, "POST", f"{A}/imports/{{import_id}}:check", f"{A}/imports/{ULID}:check", {}),
    Route(Kind.OVERVIEW, "GET", f"{A}/copies", f"{A}/copies"),
    Route(Kind.OWN, "GET", f"{A}/copies/{{copy}}", f"{A}/copies/{ULID}"),
    Route(Kind.OWN, "POST", f"{A}/copies/{{copy}}:cancel", f"{A}/copies/{ULID}:cancel"),
    Route(Kind.CONTENT, "GET", f"{R}/copies", f"{APP}/copies"),
    Route(Kind.OF_PROJECT, "POST", f"{R}/copies", f"{APP}/copies", COPY),
    Route(Kind.OF_PROJECT, "POST", f"{R}/copies:preview", f"{APP}/copies:preview", COPY),
    Route(Kind.OVERVIEW, "GET", f"{A}/holds", f"{A}/holds"),
    Route(Kind.OVERVIEW, "GET", f"{P}/holds", f"{TEAM}/holds"),
    Route(Kind.CONTENT, "GET", f"{R}/holds", f"{APP}/holds"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/holds", f"{APP}/holds", HOLD),
    Route(Kind.MANAGEMENT, "POST", f"{R}/holds/{{hold}}:extend", f"{APP}/holds/{ULID}:extend", {"expires_at": None}),
    Route(Kind.MANAGEMENT, "POST", f"{R}/holds/{{hold}}:release", f"{APP}/holds/{ULID}:release", {"reason": "x"}),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/holds", f"{APP}/artifacts/{IMAGE.digest}/holds"),
    Route(Kind.OVERVIEW, "GET", f"{A}/in-use", f"{A}/in-use"),
    Route(Kind.SYSTEM_ABSENT, "GET", f"{A}/in-use/{{cluster}}", f"{A}/in-use/production"),
    Route(Kind.OPERATION, "PUT", f"{A}/in-use/{{cluster}}", f"{A}/in-use/staging", USE),
    Route(Kind.OPERATION_ABSENT, "DELETE", f"{A}/in-use/{{cluster}}", f"{A}/in-use/production"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/in-use", f"{APP}/artifacts/{IMAGE.digest}/in-use"),
    Route(Kind.SYSTEM, "GET", f"{A}/immutability", f"{A}/immutability"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/immutability", f"{A}/immutability", TAG_RULES),
    Route(Kind.SYSTEM, "GET", f"{A}/immutability:preview", f"{A}/immutability:preview?repositories=**"),
    Route(Kind.CONTENT, "GET", f"{P}/immutability", f"{TEAM}/immutability"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/immutability", f"{TEAM}/immutability", TAG_RULES),
    Route(Kind.MANAGEMENT, "GET", f"{P}/immutability:preview", f"{TEAM}/immutability:preview?repositories={SECRET}/**"),
    Route(Kind.SYSTEM, "GET", f"{A}/naming", f"{A}/naming"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/naming", f"{A}/naming", NAME_RULES),
    Route(Kind.CONTENT, "GET", f"{P}/naming", f"{TEAM}/naming"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/naming", f"{TEAM}/naming", NAME_RULES),
    *_of_retention(Kind.SYSTEM, Kind.SYSTEM_ABSENT, f"{A}/retention", f"{A}/retention"),
    *_of_retention(Kind.MANAGEMENT, Kind.MANAGEMENT, f"{P}/retention", f"{TEAM}/retention"),
    *_of_retention(Kind.MANAGEMENT, Kind.MANAGEMENT, f"{R}/retention", f"{APP}/retention"),
    Route(Kind.OVERVIEW, "GET", f"{A}/retention/presets", f"{A}/retention/presets"),
    Route(Kind.MANAGEMENT, "POST", f"{P}/retention:import", f"{TEAM}/retention:import", ECR),
    Route(Kind.MANAGEMENT, "POST", f"{R}/retention:import", f"{APP}/retention:import", ECR),
    Route(Kind.CONTENT, "GET", f"{R}/retention:explain", f"{APP}/retention:explain"),
    Route(Kind.CONTENT, "GET", f"{R}/tags/{{tag}}/expiry", f"{APP}/tags/1.0/expiry"),
    Route(Kind.MANAGEMENT, "PUT", f"{R}/tags/{{tag}}/expiry", f"{APP}/tags/1.0/expiry", {"expires_at": None}),
    Route(Kind.MANAGEMENT, "DELETE", f"{R}/tags/{{tag}}/expiry", f"{APP}/tags/1.0/expiry"),
    Route(Kind.SYSTEM, "POST", f"{A}/naming:preview", f"{A}/naming:preview", NAME_RULE),
    Route(Kind.MANAGEMENT, "POST", f"{P}/naming:preview", f"{TEAM}/naming:preview", NAME_RULE),
    Route(Kind.CONTENT, "GET", f"{R}/naming", f"{APP}/naming?tag=1.0"),
    Route(Kind.SYSTEM, "GET", f"{A}/quotas", f"{A}/quotas"),
    Route(Kind.SYSTEM, "GET", f"{A}/quotas/default", f"{A}/quotas/default"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/quotas/default", f"{A}/quotas/default", QUOTA),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/quotas/default", f"{A}/quotas/default"),
    Route(Kind.SYSTEM, "GET", f"{A}/quotas/check", f"{A}/quotas/check"),
    Route(Kind.OPERATION, "POST", f"{A}/quotas/check", f"{A}/quotas/check"),
    Route(Kind.CONTENT, "GET", f"{P}/quota", f"{TEAM}/quota"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/quota", f"{TEAM}/quota", QUOTA),
    Route(Kind.MANAGEMENT, "DELETE", f"{P}/quota", f"{TEAM}/quota"),
    Route(Kind.SYSTEM, "GET", f"{A}/quotas/users/{{name}}", f"{A}/quotas/users/bob"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/quotas/users/{{name}}", f"{A}/quotas/users/bob", QUOTA),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/quotas/users/{{name}}", f"{A}/quotas/users/bob"),
    Route(Kind.SYSTEM, "GET", f"{A}/quotas/robots/{{name}}", f"{A}/quotas/robots/ci"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/quotas/robots/{{name}}", f"{A}/quotas/robots/ci", QUOTA),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/quotas/robots/{{name}}", f"{A}/quotas/robots/ci"),
    Route(Kind.CONTENT, "GET", f"{A}/usage", f"{A}/usage?project={SECRET}"),
    Route(Kind.CONTENT, "GET", f"{A}/usage/traffic", f"{A}/usage/traffic?project={SECRET}"),
    Route(Kind.CONTENT, "GET", f"{A}/usage/storage", f"{A}/usage/storage?project={SECRET}"),
    Route(Kind.OWN, "POST", f"{A}/tokens", ""),
    Route(Kind.OWN, "GET", f"{A}/tokens", ""),
    Route(Kind.OWN, "PATCH", f"{A}/tokens/{{token}}", ""),
    Route(Kind.OWN, "DELETE", f"{A}/tokens/{{token}}", ""),
    Route(Kind.SYSTEM, "GET", f"{A}/jobs", f"{A}/jobs"),
    Route(Kind.SYSTEM, "GET", f"{A}/jobs/schedules", f"{A}/jobs/schedules"),
    Route(Kind.SYSTEM, "GET", f"{A}/jobs/{{job_id}}", f"{A}/jobs/{{job}}"),
    Route(Kind.OPERATION, "POST", f"{A}/jobs/{{job_id}}:cancel", f"{A}/jobs/{{job}}:cancel"),
    Route(Kind.OPERATION, "POST", f"{A}/jobs/{{job_id}}:retry", f"{A}/jobs/{{job}}:retry"),
    Route(Kind.OVERVIEW, "GET", f"{A}/dashboard", f"{A}/dashboard"),
    Route(Kind.OVERVIEW, "GET", f"{A}/events", f"{A}/events"),
    Route(Kind.OWN, "GET", f"{A}/sessions/providers", ""),
    Route(Kind.OWN, "POST", f"{A}/sessions", ""),
    Route(Kind.OWN, "GET", f"{A}/sessions", ""),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/sessions", f"{A}/sessions?user=bob"),
    Route(Kind.OWN, "DELETE", f"{A}/sessions/{{session}}", ""),
    Route(Kind.OWN, "GET", f"{A}/session", ""),
    Route(Kind.OWN, "DELETE", f"{A}/session", ""),
    Route(Kind.OWN, "POST", f"{A}/session/second-factor", ""),
    Route(Kind.OWN, "POST", f"{A}/session/second-factor/challenge", ""),
    Route(Kind.OWN, "POST", f"{A}/session/reauthentication", ""),
    Route(Kind.OWN, "GET", ME, ""),
    Route(Kind.OWN, "POST", f"{ME}/password", ""),
    Route(Kind.ACCOUNTS, "GET", f"{A}/users", f"{A}/users"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users", f"{A}/users", {"name": "carol"}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/users/{{name}}", f"{A}/users/bob"),
    Route(Kind.MANAGEMENT, "PATCH", f"{A}/users/{{name}}", f"{A}/users/bob", {"administrator": True}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/users/{{name}}", f"{A}/users/bob"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users/{{name}}/password", f"{A}/users/bob/password", {}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users/{{name}}:rename", f"{A}/users/bob:rename", {"name": "robert"}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users/{{name}}:merge", f"{A}/users/bob:merge", {"into": "carol"}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/invitations", f"{A}/invitations", {"label": "ada@example.com"}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/invitations", f"{A}/invitations"),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/invitations/{{invitation}}", f"{A}/invitations/01JD2F7ZK3Q8V5T6X9Y0B1C2D4"),
    Route(Kind.OWN, "POST", f"{A}/invitations:look", f"{A}/invitations:look", {"secret": "x"}),
    Route(Kind.OWN, "POST", f"{A}/invitations:accept", f"{A}/invitations:accept", {"secret": "x", "password": "y"}),
    Route(Kind.OWN, "GET", f"{ME}/second-factors", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/totp", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/totp:confirm", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/webauthn", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/webauthn:confirm", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/recovery-codes", ""),
    Route(Kind.OWN, "DELETE", f"{ME}/second-factors/{{factor}}", ""),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/users/{{name}}/second-factors", f"{A}/users/bob/second-factors"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/access", f"{A}/access?action=pull&repository={SECRET}/app&principal=user:bob"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/access/who", f"{A}/access/who?action=pull&repository={SECRET}/app"),
    Route(Kind.OVERVIEW, "GET", f"{A}/projects", f"{A}/projects"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/projects", f"{A}/projects", {"name": "new"}),
    Route(Kind.CONTENT, "GET", P, TEAM),
    Route(Kind.MANAGEMENT, "PATCH", P, TEAM, {"visibility": "public"}),
    Route(Kind.MANAGEMENT, "DELETE", P, TEAM),
    Route(Kind.OVERVIEW, "GET", f"{A}/roles", f"{A}/roles"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/roles", f"{A}/roles", {"name": "thief", "actions": ["pull"]}),
    Route(Kind.OVERVIEW, "GET", f"{A}/roles/{{name}}", f"{A}/roles/builder"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/roles/{{name}}", f"{A}/roles/builder", {"actions": ["admin"]}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/roles/{{name}}", f"{A}/roles/builder"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/grants", f"{A}/grants"),
    Route(
        Kind.MANAGEMENT,
        "POST",
        f"{A}/grants",
        f"{A}/grants",
        {"principal": "bob", "path_pattern": "**", "role": "view"},
    ),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/grants", f"{A}/grants?principal=bob&path_pattern={SECRET}/app&role=read"),
    Route(Kind.CONTENT, "GET", f"{P}/members", f"{TEAM}/members"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/members/{{principal}}", f"{TEAM}/members/bob", {"role": "read"}),
    Route(Kind.MANAGEMENT, "DELETE", f"{P}/members/{{principal}}", f"{TEAM}/members/bob"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots", f"{A}/robots", {"project": SECRET, "name": "x", "role": "read"}),
    Route(Kind.CONTENT, "GET", f"{A}/robots", f"{A}/robots?project={SECRET}"),
    Route(Kind.CONTENT, "GET", f"{A}/robots/{{robot}}", f"{A}/robots/{SECRET}.ci"),
    Route(Kind.MANAGEMENT, "PATCH", f"{A}/robots/{{robot}}", f"{A}/robots/{SECRET}.ci", {"allowed_addresses": []}),
    Route(Kind.CONTENT, "GET", f"{A}/robots/{{robot}}/secrets", f"{A}/robots/{SECRET}.ci/secrets"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}/secrets", f"{A}/robots/{SECRET}.ci/secrets", {}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/robots/{{robot}}/secrets/{{secret}}", f"{A}/robots/{SECRET}.ci/secrets/x"),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/robots/{{robot}}", f"{A}/robots/{SECRET}.ci"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}:rotate", f"{A}/robots/{SECRET}.ci:rotate", {}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}:disable", f"{A}/robots/{SECRET}.ci:disable"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}:enable", f"{A}/robots/{SECRET}.ci:enable"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/groups", f"{A}/groups"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/groups", f"{A}/groups", {"name": "thieves"}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/groups/{{name}}", f"{A}/groups/people"),
    Route(Kind.MANAGEMENT, "PATCH", f"{A}/groups/{{name}}", f"{A}/groups/people", {"description": "x"}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/groups/{{name}}", f"{A}/groups/people"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/groups/{{name}}/members", f"{A}/groups/people/members"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/groups/{{name}}/members/{{member}}", f"{A}/groups/people/members/user:bob"),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/groups/{{name}}/members/{{member}}", f"{A}/groups/people/members/user:root"),
    Route(Kind.OVERVIEW, "GET", f"{A}/search", f"{A}/search?q=hid"),
    Route(Kind.OVERVIEW, "GET", f"{A}/search/artifacts", f"{A}/search/artifacts?q=type:image"),
    Route(Kind.OVERVIEW, "GET", f"{A}/search/saved", f"{A}/search/saved"),
    Route(Kind.OWN, "PUT", f"{A}/search/saved/{{name}}", f"{A}/search/saved/mine", {"query": "redis"}),
    Route(Kind.OWN, "DELETE", f"{A}/search/saved/{{name}}", f"{A}/search/saved/mine"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/guardrails", f"{A}/guardrails"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/guardrails", f"{A}/guardrails", {"name": "x", "mode": "enforce", **GUARDRAIL}),
    Route(Kind.ACCOUNTS, "POST", f"{A}/guardrails:preview", f"{A}/guardrails:preview", GUARDRAIL),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}", f"{G}/closed"),
    Route(Kind.MANAGEMENT, "PATCH", f"{G}/{{name}}", f"{G}/closed", {"mode": "enforce"}),
    Route(Kind.MANAGEMENT, "DELETE", f"{G}/{{name}}", f"{G}/closed"),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}/violations", f"{G}/closed/violations"),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}/simulated", f"{G}/closed/simulated"),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}/exceptions", f"{G}/closed/exceptions"),
    Route(Kind.MANAGEMENT, "POST", f"{G}/{{name}}/exceptions", f"{G}/closed/exceptions", EXCEPTION),
    Route(Kind.MANAGEMENT, "DELETE", f"{G}/{{name}}/exceptions/{{id}}", f"{G}/closed/exceptions/{ULID}"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/templates", f"{A}/templates"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/templates:match", f"{A}/templates:match?name={SECRET}/app"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/templates/{{template}}", f"{A}/templates/apps"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/templates/{{template}}", f"{A}/templates/apps", TEMPLATE),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/templates/{{template}}", f"{A}/templates/apps"),
    Route(Kind.CONTENT, "GET", f"{P}/templates", f"{TEAM}/templates"),
    Route(Kind.CONTENT, "GET", f"{P}/templates:match", f"{TEAM}/templates:match?name={SECRET}/app"),
    Route(Kind.CONTENT, "GET", f"{P}/templates/{{template}}", f"{TEAM}/templates/apps"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/templates/{{template}}", f"{TEAM}/templates/apps", TEMPLATE),
    Route(Kind.MANAGEMENT, "DELETE", f"{P}/templates/{{template}}", f"{TEAM}/templates/apps"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/approvals", f"{A}/approvals?list=all"),
    Route(Kind.OWN, "POST", f"{A}/approvals", ""),
    Route(Kind.ACCOUNTS, "GET", f"{A}/approvals/rules", f"{A}/approvals/rules"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/approvals/rules", f"{A}/approvals/rules", {"acts": []}),
    Route(Kind.OWN, "GET", f"{A}/approvals/{{id}}", ""),
    Route(Kind.OWN, "POST", f"{A}/approvals/{{id}}:approve", ""),
    Route(Kind.OWN, "POST", f"{A}/approvals/{{id}}:reject", ""),
    Route(Kind.OWN, "POST", f"{A}/approvals/{{id}}:withdraw", ""),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit", f"{A}/audit"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/types", f"{A}/audit/types"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/records", f"{A}/audit/records"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/records:export", f"{A}/audit/records:export"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/checkpoints", f"{A}/audit/checkpoints"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/timestamps", f"{A}/audit/timestamps"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/witnessed", f"{A}/audit/witnessed?origin=robot:_.witness"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/audit/witnessed", f"{A}/audit/witnessed", {"checkpoints": ["none"]}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/holds", f"{A}/audit/holds"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/audit/holds", f"{A}/audit/holds", AUDIT_HOLD),
    Route(Kind.MANAGEMENT, "POST", f"{A}/audit/holds/{{hold_id}}:release", f"{A}/audit/holds/{ULID}:release"),
    Route(
        Kind.MANAGEMENT, "POST", f"{A}/audit/erasures", f"{A}/audit/erasures", {"subject": "user:bob", "reason": "x"}
    ),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/filters", f"{A}/audit/filters"),
    Route(Kind.ACCOUNTS, "PUT", f"{A}/audit/filters/{{name}}", f"{A}/audit/filters/mine", {"filter": {}}),
    Route(Kind.ACCOUNTS, "DELETE", f"{A}/audit/filters/{{name}}", f"{A}/audit/filters/mine"),
    Route(Kind.OVERVIEW, "GET", f"{A}/modes", f"{A}/modes"),
    Route(Kind.OPERATION, "PUT", f"{A}/modes", f"{A}/modes", {"mode": "no-delete", "reason": "x"}),
    Route(Kind.CONTENT, "GET", f"{P}/mode", f"{TEAM}/mode"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/mode", f"{TEAM}/mode", {"mode": "no-delete", "reason": "x"}),
    Route(Kind.SYSTEM, "GET", f"{A}/system", f"{A}/system"),
    Route(Kind.SYSTEM, "GET", f"{A}/system/nodes", f"{A}/system/nodes"),
    Route(Kind.SYSTEM, "GET", f"{A}/system/keys", f"{A}/system/keys"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/system/keys:rotate", f"{A}/system/keys:rotate"),
    Route(Kind.SYSTEM, "GET", f"{A}/backups", f"{A}/backups"),
    Route(Kind.OPERATION, "POST", f"{A}/backups", f"{A}/backups", {}),
    Route(Kind.SYSTEM, "GET", f"{A}/backups:plan", f"{A}/backups:plan"),
    Route(Kind.SYSTEM_ABSENT, "GET", f"{A}/backups/{{name}}", f"{A}/backups/nightly"),
    Route(Kind.OPERATION_ABSENT, "DELETE", f"{A}/backups/{{name}}", f"{A}/backups/nightly"),
    Route(Kind.SYSTEM, "GET", f"{A}/garbage", f"{A}/garbage"),
    Route(Kind.OPERATION, "POST", f"{A}/garbage:pause", f"{A}/garbage:pause"),
    Route(Kind.OPERATION, "POST", f"{A}/garbage:resume", f"{A}/garbage:resume"),
    Route(Kind.SYSTEM, "GET", f"{A}/garbage/runs", f"{A}/garbage/runs"),
    Route(Kind.OPERATION, "POST", f"{A}/garbage/runs", f"{A}/garbage/runs", {}),
    Route(Kind.SYSTEM_ABSENT, "GET", f"{A}/garbage/runs/{{run_id}}", f"{A}/garbage/runs/01KA7Q8B4H3M5V9XEYD2T6RZNW"),
    Route(Kind.SYSTEM, "GET", f"{A}/garbage/storage", f"{A}/garbage/storage"),
    Route(Kind.OVERVIEW, "GET", f"{A}/guide", f"{A}/guide"),
    Route(Kind.CONTENT, "GET", f"{P}/guardrails", f"{TEAM}/guardrails"),
    Route(Kind.OVERVIEW, "GET", B, B),
    Route(Kind.ACCOUNTS, "GET", f"{B}/openings", f"{B}/openings"),
    Route(Kind.OWN, "POST", f"{B}/openings", ""),
    Route(Kind.ACCOUNTS_ABSENT, "GET", f"{B}/openings/{{id}}", f"{B}/openings/{ULID}"),
    Route(Kind.MANAGEMENT, "POST", f"{B}/openings/{{id}}:end", f"{B}/openings/{ULID}:end"),
    Route(Kind.MANAGEMENT, "POST", f"{B}/openings/{{id}}:acknowledge", f"{B}/openings/{ULID}:acknowledge", SAID),
    Route(Kind.ACCOUNTS, "GET", f"{B}/eligibilities", f"{B}/eligibilities"),
    Route(Kind.MANAGEMENT, "POST", f"{B}/eligibilities", f"{B}/eligibilities", ELIGIBILITY),
    Route(Kind.MANAGEMENT, "DELETE", f"{B}/eligibilities/{{id}}", f"{B}/eligibilities/{ULID}"),
]
