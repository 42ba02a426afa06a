# SPDX-License-Identifier: Apache-2.0
"""Backups, as the application lists them."""

from entrepot.features.backup.blobs import Stored
from entrepot.features.backup.jobs import Taking
from entrepot.features.backup.models import TAKE
from entrepot.features.backup.routes import BackupRoutes
from entrepot.features.backup.service import Backups
from entrepot.features.backup.settings import BackupSettings
from entrepot.infra.jobs.queue import remove_schedule
from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="backup", settings=BackupSettings)


def backup_parts(platform: Platform, settings: BackupSettings, keys: StoreKeys) -> Parts:
    """Return what backups add to a running application; `keys` are those of its stores."""
    database, clock = platform.database, platform.clock
    if not settings.schedule:
        database.write_now(remove_schedule, TAKE)
    storages = {
        store_id: storage.inner if isinstance(storage, EncryptedStorage) else storage
        for store_id, storage in platform.stores.items()
    }
    routes = BackupRoutes(Backups(platform, settings), settings, ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),), jobs=(Taking(database, Stored(storages, keys), settings, clock).kind(),))
