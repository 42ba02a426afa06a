# SPDX-License-Identifier: Apache-2.0
"""What the application hands to each feature when it mounts it."""

from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.storage.interface import Storage
from entrepot.kernel.clock import Clock
from entrepot.registry.delete import Delete
from entrepot.registry.pull import Pull
from entrepot.registry.push import Push
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
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
    referrers: Referrers
    repositories: Repositories
    doorbell: Doorbell
    """Ring it after enqueuing jobs, so that they start at once."""
