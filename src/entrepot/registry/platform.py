# SPDX-License-Identifier: Apache-2.0
"""What the application hands to each feature when it mounts it."""

from collections.abc import Callable
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.keys.settings import KeySettings
from entrepot.infra.storage.interface import Storage
from entrepot.infra.telemetry.health import Health
from entrepot.kernel.clock import Clock
from entrepot.registry.attaching import Attaching
from entrepot.registry.collecting import Collecting
from entrepot.registry.copying import Copying
from entrepot.registry.delete import Delete
from entrepot.registry.four_eyes import ALONE
from entrepot.registry.four_eyes import FourEyes
from entrepot.registry.intake import Intake
from entrepot.registry.mode_changes import ModeChanges
from entrepot.registry.modes import Modes
from entrepot.registry.pull import Pull
from entrepot.registry.push import Push
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.sent_bytes import SentBytes
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.undelete import Undelete


@dataclass(frozen=True, slots=True)
class Platform:
    """The core's use cases and the means that features share."""

    database: Database
    stores: Mapping[StoreId, Storage]
    clock: Clock
    rights: Rights
    pull: Pull
    push: Push
    delete: Delete
    undelete: Undelete
    copying: Copying
    attaching: Attaching
    intake: Intake
    referrers: Referrers
    repositories: Repositories
    modes: Modes
    mode_changes: ModeChanges
    collecting: Collecting
    doorbell: Doorbell
    """Ring it after enqueuing jobs, so that they start at once."""
    commits: Doorbell
    """Rings when there are new events, of whichever process, where `is_heard_everywhere` says so."""
    sent: SentBytes
    """What clients are given, for the one feature that takes it away."""
    health: Health
    """How this process is; what it looks at is known once everything is mounted."""
    four_eyes: FourEyes = ALONE
    """Ask it in the transaction that does an act which may take a second person."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """What a command works on that needs no server, and minds none."""

    path: Path
    database: Database
    keys: KeySettings = field(default_factory=KeySettings)


OpenDataFolder = Callable[[Path | None], AbstractContextManager[DataFolder]]
"""Opens the configured data folder, or the one that a flag names, for as long as the command takes.

A command of a feature finds it as the `obj` of its context. Raises `AppError` when something is not in order.
"""
