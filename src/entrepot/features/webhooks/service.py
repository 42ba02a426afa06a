# SPDX-License-Identifier: Apache-2.0
"""The use cases of webhooks: making, changing, pausing and deleting them, and the secrets that they sign with."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.events import NAMES
from entrepot.features.projects import ProjectName
from entrepot.features.projects import require_existing
from entrepot.features.webhooks.administering import Administering
from entrepot.features.webhooks.endpoints import Endpoints
from entrepot.features.webhooks.errors import LastSecret
from entrepot.features.webhooks.errors import TooManyWebhooks
from entrepot.features.webhooks.errors import WebhookChanged
from entrepot.features.webhooks.errors import WebhookSecretUnknown
from entrepot.features.webhooks.errors import WebhookTaken
from entrepot.features.webhooks.errors import WebhookUnknown
from entrepot.features.webhooks.models import MAX_OF_PROJECT
from entrepot.features.webhooks.models import PausedBy
from entrepot.features.webhooks.models import Secret
from entrepot.features.webhooks.models import Terms
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.models import check_headers
from entrepot.features.webhooks.rendering import Renderings
from entrepot.features.webhooks.signing import Sealing
from entrepot.features.webhooks.signing import new_secret
from entrepot.features.webhooks.store import lanes
from entrepot.features.webhooks.store import webhooks
from entrepot.features.webhooks.telling import told
from entrepot.features.webhooks.telling import told_webhook
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.announcing import announce


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook and the secrets that it signs with, the newest first, without themselves."""

    webhook: Webhook
    secrets: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """A webhook with a new secret, which is shown this once."""

    shown: Shown
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of a webhook; what is None stays as it is."""

    terms: Terms
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    revision: int | None = None


class Webhooks:
    """Webhooks of projects and of the registry. Whoever changes one owns it: it tells what they may read."""

    def __init__(
        self,
        database: Database,
        administering: Administering,
        endpoints: Endpoints,
        renderings: Renderings,
        sealing: Sealing,
        clock: Clock,
    ) -> None:
        self._database = database
        self._administering = administering
        self._endpoints = endpoints
        self._renderings = renderings
        self._sealing = sealing
        self._clock = clock

    def types(self, principal: Principal) -> list[str]:
        """Return the names of everything that webhooks can tell of. Raises `Unauthenticated` for nobody."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return sorted(NAMES)

    async def page(self, principal: Principal, project: str, after_name: str, limit: int) -> list[Webhook]:
        """Return webhooks by name. Raises as `Administering.require`."""
        await self._administering.require(principal, project)
        return await self._database.read(webhooks.page, project, after_name, limit)

    async def show(self, principal: Principal, webhook_id: str) -> Shown:
        """Return a webhook. Raises as `Administering.find`."""
        webhook = await self._administering.find(principal, webhook_id)
        return await self._database.snapshot(_show, webhook, self._clock())

    async def create(self, principal: Principal, project: str, wanted: Wanted) -> Issued:
        """Make a webhook, which tells of what happens from now on.

        Raises as `Administering.require`, `ReauthenticationNeeded`, what is said of `Terms.check`, `OutgoingFailed`,
        `TemplateInvalid`, `ProjectUnknown`, `WebhookTaken` and `TooManyWebhooks`.
        """
        await self._administering.require(principal, project)
        require_recent_login(principal)
        headers = self._checked(wanted)
        now, secret = self._clock(), new_secret()
        made = Webhook(
            id=new_ulid(),
            project=project,
            terms=wanted.terms,
            header_names=tuple(sorted(headers)),
            owner=principal.identity,
            paused_by=PausedBy.NOBODY,
            paused_at=None,
            pause_reason="",
            failing_since=None,
            delivered_at=None,
            last_error="",
            revision=1,
            created_at=now,
            changed_at=now,
        )
        sealed = self._sealing.seal_headers(made.id, headers)
        held = Secret(new_ulid(), now, None)
        key = self._sealing.seal_secret(held.id, secret)
        await self._database.write_locked(_add, made, sealed, held, key)
        return Issued(Shown(made, (held,)), secret)

    async def change(self, principal: Principal, webhook_id: str, wanted: Wanted) -> Shown:
        """Change what a webhook says; it belongs to `principal` from now on. Raises as `create`, `WebhookChanged`."""
        before = await self._administering.find(principal, webhook_id)
        require_recent_login(principal)
        headers = self._checked(wanted)
        names = before.header_names if wanted.headers is None else tuple(sorted(headers))
        sealed = None if wanted.headers is None else self._sealing.seal_headers(before.id, headers)
        made = replace(
            before,
            terms=wanted.terms,
            header_names=names,
            owner=principal.identity,
            changed_at=self._clock(),
        )

        def change(connection: Connection) -> Shown:
            """Replace it unless somebody else has."""
            found = _locked(connection, webhook_id)
            if wanted.revision is not None and found.revision != wanted.revision:
                raise WebhookChanged(f"somebody has changed {found.terms.name} since you read it")
            if webhooks.is_taken(connection, made):
                raise WebhookTaken(f"there is a webhook {made.terms.name} already")
            kept = webhooks.headers_of(connection, webhook_id) if wanted.headers is None else sealed
            changed = replace(made, revision=found.revision + 1)
            webhooks.replace(connection, changed, kept)
            what = told(changed, told_webhook(found), told_webhook(changed))
            announce(connection, Change.WEBHOOK_CHANGED, made.changed_at, what)
            return _show(connection, _locked(connection, webhook_id), made.changed_at)

        return await self._database.write_locked(change)

    async def delete(self, principal: Principal, webhook_id: str) -> None:
        """Delete a webhook; nothing is sent of what was to be. Raises as `Administering.find`."""
        await self._administering.find(principal, webhook_id)
        await self._database.write_locked(_delete, webhook_id, self._clock())

    async def rotate(self, principal: Principal, webhook_id: str, overlap_ms: int) -> Issued:
        """Give a webhook a new secret; the one it had is signed with beside it for so long.

        Raises as `Administering.find`, and `ReauthenticationNeeded`.
        """
        await self._administering.find(principal, webhook_id)
        require_recent_login(principal)
        now, secret = self._clock(), new_secret()
        held = Secret(new_ulid(), now, None)
        sealed = self._sealing.seal_secret(held.id, secret)

        def rotate(connection: Connection) -> Shown:
            """Add the new one, and let the others end."""
            webhook = _locked(connection, webhook_id)
            ends_at = after(now, overlap_ms)
            for place, (old, _) in enumerate(webhooks.secrets(connection, webhook_id, now)):
                if place == 0 and overlap_ms:
                    webhooks.end_secret(connection, old.id, ends_at)
                else:
                    webhooks.remove_secret(connection, old.id)
            webhooks.add_secret(connection, webhook_id, held, sealed)
            after_it = {"secret": held.id, "old_ends_at": rfc3339(ends_at)}
            announce(connection, Change.WEBHOOK_ROTATED, now, told(webhook, after=after_it))
            return _show(connection, webhook, now)

        return Issued(await self._database.write_locked(rotate), secret)

    async def end_secret(self, principal: Principal, webhook_id: str, secret_id: str) -> Shown:
        """Sign no longer with a secret. Raises as `Administering.find`, `WebhookSecretUnknown` and `LastSecret`."""
        await self._administering.find(principal, webhook_id)
        now = self._clock()

        def end(connection: Connection) -> Shown:
            """Remove it unless it is the last one that stays."""
            webhook = _locked(connection, webhook_id)
            held = {secret.id: secret for secret, _ in webhooks.secrets(connection, webhook_id, now)}
            if secret_id not in held:
                raise WebhookSecretUnknown
            if all(secret.id == secret_id or secret.ends_at is not None for secret in held.values()):
                raise LastSecret
            webhooks.remove_secret(connection, secret_id)
            announce(connection, Change.WEBHOOK_ROTATED, now, told(webhook, before={"secret": secret_id}))
            return _show(connection, webhook, now)

        return await self._database.write_locked(end)

    async def pause(self, principal: Principal, webhook_id: str, reason: str) -> Shown:
        """Send nothing until it is resumed; what happens meanwhile waits. Raises as `Administering.find`."""
        await self._administering.find(principal, webhook_id)
        return await self._database.write_locked(_pause, webhook_id, self._clock(), reason)

    async def resume(self, principal: Principal, webhook_id: str) -> Shown:
        """Send again: first what has waited. Raises as `Administering.find`."""
        await self._administering.find(principal, webhook_id)
        return await self._database.write_locked(_resume, webhook_id, self._clock())

    def _checked(self, wanted: Wanted) -> dict[str, str]:
        """Return the headers, once everything is found to be in order."""
        wanted.terms.check()
        self._endpoints.check(wanted.terms.url)
        self._renderings.of(wanted.terms)
        return check_headers(dict(wanted.headers or {}))


def forget_webhooks(connection: Connection, project: str, now: Milliseconds) -> None:
    """Delete the webhooks of a project that is deleted."""
    for webhook_id in webhooks.ids_of(connection, project):
        _delete(connection, webhook_id, now)


def _locked(connection: Connection, webhook_id: str) -> Webhook:
    found = webhooks.lock(connection, webhook_id)
    if found is None:
        raise WebhookUnknown
    return found


def _show(connection: Connection, webhook: Webhook, now: Milliseconds) -> Shown:
    return Shown(webhook, tuple(secret for secret, _ in webhooks.secrets(connection, webhook.id, now)))


def _add(connection: Connection, made: Webhook, headers: bytes | None, secret: Secret, sealed: bytes) -> None:
    if made.project:
        require_existing(connection, ProjectName(made.project))
    if webhooks.count(connection, made.project) >= MAX_OF_PROJECT:
        raise TooManyWebhooks(f"there are {MAX_OF_PROJECT} webhooks here, as many as there may be")
    if not webhooks.add(connection, made, headers):
        raise WebhookTaken(f"there is a webhook {made.terms.name} already")
    webhooks.add_secret(connection, made.id, secret, sealed)
    announce(connection, Change.WEBHOOK_CREATED, made.created_at, told(made, after=told_webhook(made)))


def _delete(connection: Connection, webhook_id: str, now: Milliseconds) -> None:
    webhook = webhooks.lock(connection, webhook_id)
    if webhook is not None:
        webhooks.remove(connection, webhook_id)
        announce(connection, Change.WEBHOOK_DELETED, now, told(webhook, before=told_webhook(webhook)))


def _pause(connection: Connection, webhook_id: str, now: Milliseconds, reason: str) -> Shown:
    webhook = _locked(connection, webhook_id)
    if not webhook.is_paused:
        webhooks.pause(connection, webhook_id, PausedBy.PERSON, now, reason)
        what = told(webhook, after={"name": webhook.terms.name, "paused_by": PausedBy.PERSON.value}, reason=reason)
        announce(connection, Change.WEBHOOK_PAUSED, now, what)
    return _show(connection, _locked(connection, webhook_id), now)


def _resume(connection: Connection, webhook_id: str, now: Milliseconds) -> Shown:
    webhook = _locked(connection, webhook_id)
    if webhook.is_paused:
        webhooks.resume(connection, webhook_id)
        lanes.begin_anew(connection, webhook_id, now)
        what = told(webhook, before={"name": webhook.terms.name, "paused_by": webhook.paused_by.value})
        announce(connection, Change.WEBHOOK_RESUMED, now, what)
    return _show(connection, _locked(connection, webhook_id), now)
