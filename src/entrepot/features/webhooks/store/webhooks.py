# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about webhooks themselves, and the secrets that they sign with."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.tokens import SealedColumn
from entrepot.features.webhooks.models import PausedBy
from entrepot.features.webhooks.models import Secret
from entrepot.features.webhooks.models import Terms
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.models import WebhookFormat
from entrepot.features.webhooks.signing import headers_sealed_for
from entrepot.features.webhooks.signing import secret_sealed_for
from entrepot.features.webhooks.tables import webhook_secrets
from entrepot.features.webhooks.tables import webhooks
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

SIGNING_SECRETS = SealedColumn(
    "webhook secrets", webhook_secrets.c.id, webhook_secrets.c.secret_encrypted, secret_sealed_for
)
SECRET_HEADERS = SealedColumn("webhook headers", webhooks.c.id, webhooks.c.headers_encrypted, headers_sealed_for)

_COLUMNS = [column for column in webhooks.c if column is not webhooks.c.headers_encrypted]
_TEXTS = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Interest:
    """What a webhook wants to hear of, and nothing else of it."""

    id: Ulid
    project: str
    events: tuple[str, ...]
    paths: tuple[str, ...]
    format: WebhookFormat


def find(connection: Connection, webhook_id: str) -> Webhook | None:
    """Return the webhook of this id."""
    row = connection.execute(select(*_COLUMNS).where(webhooks.c.id == webhook_id)).first()
    return None if row is None else _webhook(row)


def lock(connection: Connection, webhook_id: str) -> Webhook | None:
    """Return it, and let nobody else change it or its queue until this transaction ends."""
    row = connection.execute(select(*_COLUMNS).where(webhooks.c.id == webhook_id).with_for_update()).first()
    return None if row is None else _webhook(row)


def lock_all(connection: Connection, ids: Collection[str]) -> set[str]:
    """Let nobody else change the queues of these until this transaction ends; return those that are there.

    Always in the same order, so that no two wait for each other.
    """
    if not ids:
        return set()
    query = select(webhooks.c.id).where(webhooks.c.id.in_(ids)).order_by(webhooks.c.id).with_for_update()
    return set(connection.execute(query).scalars())


def page(connection: Connection, project: str, after: str, limit: int) -> list[Webhook]:
    """Return webhooks of a project, or of the registry, behind the name `after`, by name."""
    query = select(*_COLUMNS).where(webhooks.c.project == project, webhooks.c.name > after)
    return [_webhook(row) for row in connection.execute(query.order_by(webhooks.c.name).limit(limit))]


def count(connection: Connection, project: str) -> int:
    """Return how many a project has, or the registry."""
    query = select(func.count()).select_from(webhooks).where(webhooks.c.project == project)
    return int(connection.execute(query).scalar_one())


def interests(connection: Connection, projects: Collection[str]) -> list[Interest]:
    """Return what the webhooks of these projects and of the registry want to hear of, by id."""
    columns = (webhooks.c.id, webhooks.c.project, webhooks.c.events, webhooks.c.paths, webhooks.c.format)
    query = select(*columns).where(or_(webhooks.c.project == "", webhooks.c.project.in_(projects)))
    return [
        Interest(
            Ulid(row.id), row.project, _TEXTS.decode(row.events), _TEXTS.decode(row.paths), WebhookFormat(row.format)
        )
        for row in connection.execute(query.order_by(webhooks.c.id))
    ]


def add(connection: Connection, webhook: Webhook, headers_encrypted: bytes | None) -> bool:
    """Store a webhook unless there is one of its name; tell whether this call did."""
    row = {
        **_values(webhook, headers_encrypted),
        "id": webhook.id,
        "project": webhook.project,
        "paused_by": webhook.paused_by.value,
        "pause_reason": "",
        "last_error": "",
        "created_at": webhook.created_at,
    }
    return insert_if_absent(connection, webhooks, row)


def headers_of(connection: Connection, webhook_id: str) -> bytes | None:
    """Return the headers of a webhook, encrypted."""
    found: bytes | None = connection.scalar(select(webhooks.c.headers_encrypted).where(webhooks.c.id == webhook_id))
    return found


def is_taken(connection: Connection, webhook: Webhook) -> bool:
    """Tell whether another webhook has the same name in the same place."""
    query = select(webhooks.c.id).where(webhooks.c.project == webhook.project, webhooks.c.name == webhook.terms.name)
    return connection.execute(query.where(webhooks.c.id != webhook.id)).first() is not None


def replace(connection: Connection, webhook: Webhook, headers_encrypted: bytes | None) -> None:
    """Store what a webhook says now."""
    change = update(webhooks).where(webhooks.c.id == webhook.id)
    connection.execute(change.values(_values(webhook, headers_encrypted)))


def remove(connection: Connection, webhook_id: str) -> None:
    """Remove a webhook with its secrets and everything that was delivered or is to be."""
    connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))


def ids_of(connection: Connection, project: str) -> list[str]:
    """Return the ids of a project's webhooks."""
    return list(connection.execute(select(webhooks.c.id).where(webhooks.c.project == project)).scalars())


def pause(connection: Connection, webhook_id: str, by: PausedBy, now: Milliseconds, reason: str) -> None:
    """Let nothing be sent until it is resumed."""
    values = {"paused_by": by.value, "paused_at": now, "pause_reason": reason}
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))


def resume(connection: Connection, webhook_id: str) -> None:
    """Let everything be sent again, as if nothing had failed."""
    values = {"paused_by": "", "paused_at": None, "pause_reason": "", "failing_since": None}
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))


def note_success(connection: Connection, webhook_id: str, now: Milliseconds) -> None:
    """Note that the receiver took something."""
    values = {"delivered_at": now, "failing_since": None, "last_error": ""}
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))


def note_failure(connection: Connection, webhook_id: str, now: Milliseconds, error: str) -> None:
    """Note that it did not, since when and why."""
    values = {"failing_since": func.coalesce(webhooks.c.failing_since, now), "last_error": error}
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))


def secrets(connection: Connection, webhook_id: str, now: Milliseconds) -> list[tuple[Secret, bytes]]:
    """Return what a webhook signs with, the newest first, each with itself as it is stored."""
    held = webhook_secrets
    query = select(held.c.id, held.c.created_at, held.c.ends_at, held.c.secret_encrypted).where(
        held.c.webhook_id == webhook_id, or_(held.c.ends_at.is_(None), held.c.ends_at > now)
    )
    found = connection.execute(query.order_by(held.c.id.desc()))
    return [(Secret(Ulid(row.id), row.created_at, row.ends_at), row.secret_encrypted) for row in found]


def add_secret(connection: Connection, webhook_id: str, secret: Secret, sealed: bytes) -> None:
    """Store a secret."""
    row = {
        "id": secret.id,
        "webhook_id": webhook_id,
        "secret_encrypted": sealed,
        "created_at": secret.created_at,
        "ends_at": secret.ends_at,
    }
    insert_if_absent(connection, webhook_secrets, row)


def end_secret(connection: Connection, secret_id: str, ends_at: Milliseconds) -> None:
    """Let a secret be good until then."""
    connection.execute(update(webhook_secrets).where(webhook_secrets.c.id == secret_id).values(ends_at=ends_at))


def remove_secret(connection: Connection, secret_id: str) -> None:
    """Remove a secret."""
    connection.execute(delete(webhook_secrets).where(webhook_secrets.c.id == secret_id))


def _values(webhook: Webhook, headers_encrypted: bytes | None) -> dict[str, Any]:
    terms = webhook.terms
    return {
        "name": terms.name,
        "url": terms.url,
        "events": msgspec.json.encode(terms.events).decode(),
        "paths": msgspec.json.encode(terms.paths).decode(),
        "format": terms.format.value,
        "template": terms.template,
        "content_type": terms.content_type,
        "header_names": msgspec.json.encode(webhook.header_names).decode(),
        "headers_encrypted": headers_encrypted,
        "owner": webhook.owner,
        "revision": webhook.revision,
        "changed_at": webhook.changed_at,
    }


def _webhook(row: Any) -> Webhook:
    terms = Terms(
        name=row.name,
        url=row.url,
        events=_TEXTS.decode(row.events),
        paths=_TEXTS.decode(row.paths),
        format=WebhookFormat(row.format),
        template=row.template,
        content_type=row.content_type,
    )
    return Webhook(
        id=Ulid(row.id),
        project=row.project,
        terms=terms,
        header_names=_TEXTS.decode(row.header_names),
        owner=row.owner,
        paused_by=PausedBy(row.paused_by),
        paused_at=row.paused_at,
        pause_reason=row.pause_reason,
        failing_since=row.failing_since,
        delivered_at=row.delivered_at,
        last_error=row.last_error,
        revision=row.revision,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def known_ids(connection: Connection) -> Sequence[str]:
    """Return the ids of all webhooks."""
    return list(connection.execute(select(webhooks.c.id).order_by(webhooks.c.id)).scalars())
