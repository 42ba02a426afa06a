# SPDX-License-Identifier: Apache-2.0
"""Writing down what came of attempts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.events import TESTED
from entrepot.features.webhooks.models import PAUSED_AFTER_MS
from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.models import PausedBy
from entrepot.features.webhooks.pacing import next_attempt
from entrepot.features.webhooks.queue import Result
from entrepot.features.webhooks.queue import Verdict
from entrepot.features.webhooks.store import lanes
from entrepot.features.webhooks.store import webhooks as stored
from entrepot.features.webhooks.tables import webhook_attempts as attempts
from entrepot.features.webhooks.tables import webhook_deliveries as deliveries
from entrepot.features.webhooks.tables import webhook_outcomes
from entrepot.features.webhooks.telling import told_of_pause
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.announcing import announce

POSTPONED_MS = 5 * SECOND_MS
MAX_REASON_CHARACTERS = 500

_TRIED = frozenset({Verdict.DELIVERED, Verdict.FAILED, Verdict.GONE})
_COUNT = InsertOrUpdate(
    webhook_outcomes,
    ("outcome", "attempts"),
    ("outcome",),
    lambda new: {"attempts": webhook_outcomes.c.attempts + new.attempts},
)


def settle(connection: Connection, results: Sequence[Result], now: Milliseconds) -> None:
    """Write down what came of attempts, unless somebody else has claimed them since: then it is theirs."""
    stored.lock_all(connection, {result.claimed.sender.webhook.id for result in results})
    settled = [result for result in results if _settle(connection, result, now)]
    counts = Counter(result.verdict.value for result in settled if result.verdict is not Verdict.POSTPONED)
    if counts:
        _COUNT.run_all(connection, sorted(counts.items()))


def _settle(connection: Connection, result: Result, now: Milliseconds) -> bool:
    claimed = result.claimed
    webhook_id = claimed.sender.webhook.id
    change = update(deliveries).where(deliveries.c.number == claimed.number, deliveries.c.claim == claimed.claim)
    if connection.execute(change.values(_after(result, now))).rowcount != 1:
        return False
    if result.verdict is Verdict.POSTPONED:
        return True
    if result.exchange is not None:
        _note(connection, result)
    if claimed.is_first:
        lanes.promote(connection, webhook_id, claimed.lane, now)
    if result.verdict in _TRIED:
        _note_standing(connection, result, now)
    return True


def _after(result: Result, now: Milliseconds) -> dict[str, Any]:
    """Return how a delivery stands after an attempt."""
    claimed = result.claimed
    if result.verdict is Verdict.POSTPONED:
        return {"claim": None, "due_at": after(now, POSTPONED_MS)}
    began_at = claimed.began_at if claimed.began_at is not None else result.at
    told = {
        "claim": None,
        "is_first": False,
        "attempts": claimed.attempts + (result.exchange is not None),
        "failures": claimed.failures + (result.verdict is not Verdict.DELIVERED),
        "began_at": began_at,
        "status": result.exchange.status if result.exchange else None,
        "reason": result.reason[:MAX_REASON_CHARACTERS],
    }
    state = {Verdict.DELIVERED: DeliveryState.DELIVERED, Verdict.DROPPED: DeliveryState.DROPPED}.get(
        result.verdict, DeliveryState.FAILED
    )
    if result.verdict is Verdict.FAILED and claimed.name != TESTED:
        again_at = next_attempt(claimed.failures + 1, began_at, now, result.retry_after_seconds)
        if again_at is not None:
            return {**told, "state": DeliveryState.DUE.value, "due_at": again_at}
    return {**told, "state": state.value, "due_at": None, "finished_at": now}


def _note(connection: Connection, result: Result) -> None:
    """Keep the request and the answer, and of those before this one nothing but how they ended."""
    exchange, claimed = result.exchange, result.claimed
    assert exchange is not None, "there was an attempt"  # noqa: S101 - a mistake of ours
    forget = update(attempts).where(attempts.c.delivery == claimed.number)
    connection.execute(forget.values(request_body="", response_body=""))
    row = {
        "delivery": claimed.number,
        "number": claimed.attempts + 1,
        "at": result.at,
        "duration_ms": result.duration_ms,
        "error": result.reason[:MAX_REASON_CHARACTERS],
        "status": exchange.status,
        "request_headers": exchange.request_headers,
        "request_body": exchange.request_body,
        "response_headers": exchange.response_headers,
        "response_body": exchange.response_body,
    }
    connection.execute(insert(attempts).values(row))


def _note_standing(connection: Connection, result: Result, now: Milliseconds) -> None:
    """Note whether the receiver takes anything, and pause a webhook whose receiver does not."""
    webhook_id = result.claimed.sender.webhook.id
    if result.verdict is Verdict.DELIVERED:
        stored.note_success(connection, webhook_id, now)
        return
    if result.claimed.name == TESTED:
        return
    stored.note_failure(connection, webhook_id, result.at, result.reason[:MAX_REASON_CHARACTERS])
    webhook = stored.find(connection, webhook_id)
    if webhook is None or webhook.is_paused:
        return
    if result.verdict is Verdict.GONE:
        _pause(connection, webhook_id, PausedBy.GONE, now, "the receiver answered that it is gone for good (410)")
    elif webhook.failing_since is not None and now - webhook.failing_since >= PAUSED_AFTER_MS:
        days = PAUSED_AFTER_MS // (24 * 3_600 * SECOND_MS)
        reason = f"every attempt has failed for {days} days; the last one: {webhook.last_error}"
        _pause(connection, webhook_id, PausedBy.FAILURE, now, reason)


def _pause(connection: Connection, webhook_id: str, by: PausedBy, now: Milliseconds, reason: str) -> None:
    stored.pause(connection, webhook_id, by, now, reason[:MAX_REASON_CHARACTERS])
    webhook = stored.find(connection, webhook_id)
    if webhook is not None:
        announce(connection, Change.WEBHOOK_PAUSED, now, told_of_pause(webhook))


def count_attempts(connection: Connection) -> dict[str, int]:
    """Return how many attempts ever came to what."""
    query = select(webhook_outcomes.c.outcome, webhook_outcomes.c.attempts)
    return {row.outcome: row.attempts for row in connection.execute(query)}
