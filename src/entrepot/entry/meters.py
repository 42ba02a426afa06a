# SPDX-License-Identifier: Apache-2.0
"""Everything that an instance measures, in one list."""

import asyncio
import platform
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection

from entrepot import __version__
from entrepot.entry.instance import Instance
from entrepot.features.approvals import count_pending
from entrepot.features.audit import audit_figures
from entrepot.features.backup import backup_figures
from entrepot.features.break_glass import count_openings
from entrepot.features.imports import ImportState
from entrepot.features.imports import imported_bytes
from entrepot.features.imports import imports_by_state
from entrepot.features.notifications import mail_figures
from entrepot.features.tokens import count_ending
from entrepot.features.webhooks import webhook_figures
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.events import outbox
from entrepot.infra.jobs import store as jobs
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.telemetry.disks import Disks
from entrepot.infra.telemetry.gathering import Gathering
from entrepot.infra.telemetry.health import Health
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measured
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.infra.telemetry.process import ProcessUsage
from entrepot.infra.telemetry.sharing import SharedMeasurements
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.store import collection_figures
from entrepot.registry.store import uploads
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.tombstones import Reason

BUILD = Metric("entrepot_build_info", "Always 1; the labels say what runs.", Kind.GAUGE, ("version", "python"))
READY = Metric("entrepot_ready", "1 while /readyz answers 200, else 0.", Kind.GAUGE)
UPLOADS = Metric("entrepot_uploads_open", "Upload sessions that have not ended.", Kind.GAUGE)
BEHIND = Metric("entrepot_outbox_events_waiting", "Events that a consumer has not handled.", Kind.GAUGE, ("consumer",))
LAG = Metric(
    "entrepot_outbox_lag_seconds", "Age of the oldest event a consumer has not handled.", Kind.GAUGE, ("consumer",)
)
FAILING = Metric("entrepot_outbox_failing", "1 while a consumer fails at its next event.", Kind.GAUGE, ("consumer",))
JOBS = Metric("entrepot_jobs", "Jobs that are queued, running, or given up (dead).", Kind.GAUGE, ("kind", "state"))
JOB_AGE = Metric(
    "entrepot_jobs_oldest_seconds",
    "How long the oldest queued job has been due, and the oldest running one has run.",
    Kind.GAUGE,
    ("kind", "state"),
)

QUEUE = Metric("entrepot_collection_queue", "Links and blobs that may have lost their last use.", Kind.GAUGE)
QUEUE_AGE = Metric(
    "entrepot_collection_oldest_seconds", "How long the first of them has been due to be looked at.", Kind.GAUGE
)
WAITING = Metric(
    "entrepot_collection_waiting_bytes", "Bytes of objects that nothing refers to any more, until they go.", Kind.GAUGE
)
COLLECTED = Metric("entrepot_collected_objects", "Objects whose bytes were deleted.", Kind.COUNTER, ("reason",))
COLLECTED_BYTES = Metric("entrepot_collected_bytes", "Bytes that were deleted.", Kind.COUNTER, ("reason",))
SECRETS_ENDING = Metric(
    "entrepot_robot_secrets_ending", "Secrets of robots that expire soon, and that nobody has replaced.", Kind.GAUGE
)
UNDELIVERED = Metric(
    "entrepot_audit_undelivered",
    "Records of the audit log that a destination has not been sent, or is behind with checkpoints.",
    Kind.GAUGE,
    ("destination",),
)
UNDELIVERABLE = Metric(
    "entrepot_audit_delivery_failing_seconds",
    "For how long a destination has taken nothing.",
    Kind.GAUGE,
    ("destination",),
)
CONTRADICTIONS = Metric(
    "entrepot_audit_contradictions",
    "Checkpoints that another registry left here and later contradicted: its audit log was written anew, or restored.",
    Kind.GAUGE,
)
GLASS_OPENED = Metric("entrepot_break_glass_opened", "How often somebody broke the glass.", Kind.COUNTER)
GLASS_OPEN = Metric("entrepot_break_glass_open", "For how many people the glass is broken now.", Kind.GAUGE)
GLASS_UNACKNOWLEDGED = Metric(
    "entrepot_break_glass_unacknowledged", "Openings that are open, or that no administrator has looked at.", Kind.GAUGE
)
APPROVALS = Metric("entrepot_approvals_pending", "Approvals that wait for a second person.", Kind.GAUGE)
BACKUPS = Metric("entrepot_backups", "Backups that are kept.", Kind.GAUGE)
BACKUP_TAKEN = Metric(
    "entrepot_backup_last_success_timestamp_seconds", "When the newest backup was taken; missing if none.", Kind.GAUGE
)
BACKUP_FAILING = Metric("entrepot_backup_failing", "1 while a backup that was due has not been taken.", Kind.GAUGE)
HELD_BACK = Metric("entrepot_backup_held_back_bytes", "Bytes of dead objects that stay for backups.", Kind.GAUGE)
DAMAGED = Metric("entrepot_damaged_objects", "Objects whose bytes are wrong or missing.", Kind.GAUGE)

WEBHOOKS_WAITING = Metric("entrepot_webhook_deliveries_waiting", "Deliveries that have not ended.", Kind.GAUGE)
WEBHOOKS_OLDEST = Metric(
    "entrepot_webhook_oldest_seconds", "Age of the oldest of them, of webhooks that are not paused.", Kind.GAUGE
)
WEBHOOKS_PAUSED = Metric("entrepot_webhooks_paused", "Webhooks that are paused.", Kind.GAUGE)
WEBHOOK_ATTEMPTS = Metric("entrepot_webhook_attempts", "What attempts to deliver came to.", Kind.COUNTER, ("outcome",))

MAILS_WAITING = Metric("entrepot_mails_waiting", "Mails to people that have not been sent.", Kind.GAUGE)
MAILS = Metric(
    "entrepot_mails",
    "What mails came to (sent, failed, dropped), and notifications that waited because of the limit (held-back).",
    Kind.COUNTER,
    ("outcome",),
)

IMPORTS = Metric("entrepot_imports", "Imports of the last 90 days.", Kind.GAUGE, ("state",))
IMPORTED_BYTES = Metric("entrepot_import_fetched_bytes", "Bytes that they have fetched from sources.", Kind.GAUGE)


class InstanceMeters:
    """What is the same whichever process of an instance is asked."""

    def __init__(self, instance: Instance, health: Health, disks: Disks) -> None:
        self._instance = instance
        self._health = health
        self._disks = disks

    async def measure(self) -> list[Measurement]:
        """Return it. What only the database knows is missing while it is away."""
        found = [
            Measurement(BUILD, [1], (__version__, platform.python_version())),
            Measurement(READY, [float(await self._health.is_ready())]),
            *await asyncio.to_thread(lambda: list(self._disks.measure())),
        ]
        core = self._instance.core
        with suppress(DatabaseUnavailable):
            found += await core.database.snapshot(_backlogs, core.clock())
            found += await core.database.survey(_collection, core.clock())
            found += await core.database.snapshot(_audit, tuple(self._instance.settings.audit.deliver), core.clock())
            found += await core.database.survey(_backups)
            found += await core.database.snapshot(_break_glass, core.clock())
            found += await core.database.survey(_webhooks, core.clock())
            found += await core.database.survey(_mails)
            found += await core.database.survey(_imports)
            soon = after(core.clock(), self._instance.settings.robots.warn_days * DAY_MS)
            ending = await core.database.read(count_ending, PrincipalKind.ROBOT, core.clock(), soon)
            found.append(Measurement(SECRETS_ENDING, [ending]))
            found.append(Measurement(APPROVALS, [await core.database.read(count_pending, core.clock())]))
        return found


def gathering(
    instance: Instance, requests: Measured, of_instance: InstanceMeters, shared: SharedMeasurements | None
) -> Gathering:
    """List what is measured; `shared` is None where there is one server process."""
    core = instance.core
    by_process = (requests, core.database, core.facts, instance.passwords, instance.limits, ProcessUsage())
    stores = [each for each in core.stores.values() if isinstance(each, Measured)]
    return Gathering((*by_process, *stores), of_instance.measure, shared)


def _backlogs(connection: Connection, now: Milliseconds) -> list[Measurement]:
    found = [Measurement(UPLOADS, [uploads.count(connection)])]
    for lag in outbox.lag(connection):
        found += [
            Measurement(BEHIND, [lag.behind], (lag.name,)),
            Measurement(LAG, [_seconds_since(lag.waiting_since, now)], (lag.name,)),
            Measurement(FAILING, [float(lag.failing_since is not None)], (lag.name,)),
        ]
    return [*found, *_jobs(connection, now)]


def _break_glass(connection: Connection, now: Milliseconds) -> list[Measurement]:
    counts = count_openings(connection, now)
    return [
        Measurement(GLASS_OPENED, [counts.total]),
        Measurement(GLASS_OPEN, [counts.open]),
        Measurement(GLASS_UNACKNOWLEDGED, [counts.unacknowledged]),
    ]


def _webhooks(connection: Connection, now: Milliseconds) -> list[Measurement]:
    figures = webhook_figures(connection)
    return [
        Measurement(WEBHOOKS_WAITING, [figures.waiting]),
        Measurement(WEBHOOKS_OLDEST, [_seconds_since(figures.oldest, now)]),
        Measurement(WEBHOOKS_PAUSED, [figures.paused]),
        *(Measurement(WEBHOOK_ATTEMPTS, [count], (outcome,)) for outcome, count in figures.attempts.items()),
    ]


def _mails(connection: Connection) -> list[Measurement]:
    figures = mail_figures(connection)
    counted = (Measurement(MAILS, [count], (outcome,)) for outcome, count in figures.outcomes.items())
    return [Measurement(MAILS_WAITING, [figures.waiting]), *counted]


def _imports(connection: Connection) -> list[Measurement]:
    counts = imports_by_state(connection)
    by_state = [Measurement(IMPORTS, [counts.get(state.value, 0)], (state.value,)) for state in ImportState]
    return [*by_state, Measurement(IMPORTED_BYTES, [imported_bytes(connection)])]


def _backups(connection: Connection) -> list[Measurement]:
    figures = backup_figures(connection)
    newest = figures.last_taken_at
    return [
        Measurement(BACKUPS, [figures.kept]),
        Measurement(BACKUP_FAILING, [float(figures.failing is not None)]),
        Measurement(HELD_BACK, [figures.held_back_bytes]),
        *([] if newest is None else [Measurement(BACKUP_TAKEN, [newest / SECOND_MS])]),
    ]


def _collection(connection: Connection, now: Milliseconds) -> list[Measurement]:
    waiting = collection_figures.waiting(connection)
    found = [
        Measurement(QUEUE, [waiting.queued]),
        Measurement(QUEUE_AGE, [_seconds_since(waiting.oldest, now)]),
        Measurement(WAITING, [waiting.bytes]),
        Measurement(DAMAGED, [collection_figures.damaged(connection)]),
    ]
    deleted = collection_figures.deleted(connection)
    for reason in Reason:
        amount = deleted.get(reason, Amount())
        found.append(Measurement(COLLECTED, [amount.objects], (reason.value,)))
        found.append(Measurement(COLLECTED_BYTES, [amount.bytes], (reason.value,)))
    return found


def _audit(connection: Connection, configured: Sequence[str], now: Milliseconds) -> list[Measurement]:
    figures = audit_figures(connection, configured)
    found = [Measurement(CONTRADICTIONS, [figures.contradictions])]
    found += [Measurement(UNDELIVERED, [behind], (name,)) for name, behind in figures.behind.items()]
    since = figures.failing_since.items()
    return [*found, *(Measurement(UNDELIVERABLE, [_seconds_since(moment, now)], (name,)) for name, moment in since)]


def _jobs(connection: Connection, now: Milliseconds) -> Iterator[Measurement]:
    for backlog in jobs.backlog(connection):
        labels = (backlog.kind, backlog.state.value)
        yield Measurement(JOBS, [backlog.count], labels)
        if backlog.state is not JobState.DEAD:
            since = backlog.run_after if backlog.state is JobState.QUEUED else backlog.started_at
            yield Measurement(JOB_AGE, [_seconds_since(since, now)], labels)


def _seconds_since(moment: Milliseconds | None, now: Milliseconds) -> float:
    return max(0, now - moment) / 1000 if moment is not None else 0.0
