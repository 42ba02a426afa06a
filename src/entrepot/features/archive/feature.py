# SPDX-License-Identifier: Apache-2.0
"""The archive, as the application lists it."""

from entrepot.features.archive.bases import Bases
from entrepot.features.archive.jobs import BASE
from entrepot.features.archive.jobs import base_kind
from entrepot.features.archive.settings import ArchiveSettings
from entrepot.features.archive.writing import Archiver
from entrepot.features.archive.writing import stop
from entrepot.infra.jobs.queue import remove_schedule
from entrepot.infra.storage.documents import Documents
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="archive", settings=ArchiveSettings)


def archive_parts(platform: Platform, settings: ArchiveSettings, documents: Documents) -> Parts:
    """Return what the archive adds to a running application: nothing where it is switched off."""
    database, clock = platform.database, platform.clock
    if not settings.enabled:
        database.write_now(remove_schedule, BASE)
        database.write_now(stop)
        return Parts()
    archiver = Archiver(database, documents, clock)
    return Parts(tasks=(archiver.run,), jobs=(base_kind(Bases(database, documents, archiver, clock)),))
